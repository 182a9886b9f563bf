import { is, isWord, type Tokens } from './walk.ts';

/** The names of an import or export with a module: from its first word to the text that names the module. */
export type Clause = {
  readonly start: number;
  readonly end: number;
  /** Types only: k6 leaves it out. */
  readonly isType: boolean;
};

/** Every import and export of a script that names a module after `from`. */
export function clausesOf(tokens: Tokens): readonly Clause[] {
  return tokens.flatMap((token, index) => {
    const begins = isWord(token, 'import') || isWord(token, 'export');
    const clause = begins ? clauseAt(tokens, index) : undefined;
    return clause === undefined ? [] : [clause];
  });
}

/** The clause that begins with the word at `start`, where a module is named after `from`. */
export function clauseAt(tokens: Tokens, start: number): Clause | undefined {
  let at = start + 1;
  const isFrom = (): boolean => isWord(tokens[at], 'from') && tokens[at + 1]?.kind === 'text';
  let isType = false;
  if (isWord(tokens[at], 'type') && !is(tokens[at + 1], ',')) {
    at += 1;
    isType = !isFrom();
  }
  if (tokens[at]?.kind === 'word' && !isFrom()) at += 1;
  if (is(tokens[at], ',')) at += 1;
  if (is(tokens[at], '*')) at += isWord(tokens[at + 1], 'as') ? 3 : 1;
  else if (is(tokens[at], '{')) at = afterBraces(tokens, at);
  return isFrom() ? { start, end: at + 1, isType } : undefined;
}

/** Whether the word at `index` of an import is a name that the script has from then on, and not only a type. */
export function binds(tokens: Tokens, { start, isType }: Clause, index: number): boolean {
  if (isType || !isWord(tokens[start], 'import')) return false;
  const next = tokens[index + 1];
  if (!is(next, ',') && !is(next, '}') && !isWord(next, 'from')) return false;
  let before = index;
  while (before > start && !is(tokens[before - 1], '{') && !is(tokens[before - 1], ',')) before -= 1;
  // `open` and `a as open` are one and three words; with `type` before it, and then two or four, it is a type.
  return before === start || (index - before) % 2 === 0;
}

function afterBraces(tokens: Tokens, index: number): number {
  let at = index;
  while (at < tokens.length && !is(tokens[at], '}')) at += 1;
  return at + 1;
}
