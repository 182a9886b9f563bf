import { stripVTControlCharacters } from 'node:util';

/** From so many columns on the terminal breaks lines, which are copied as one. */
const WIDE = 80;
/** Fewer columns are none that a terminal has; some that nobody looks at say that they have 0. */
const NARROWEST = 20;
/** Stays in one line: a source line and the marks below it, which must stay above each other; a command, to be copied. */
const WHOLE = /^ *\d* +\||(?:^|: ) *(?:kubectl|faultline|cd|curl) /;

/** Without colours, which take no room. */
const shownLength = (text: string): number => stripVTControlCharacters(text).length;

/**
 * Text for a terminal of `columns`: lines that a narrow one would break within a word go on below themselves, two columns
 * further in. A word that is longer than the line stays whole. From `wide` columns on nothing is folded.
 */
export function foldLines(text: string, columns: number, wide: number = WIDE): string {
  if (columns >= wide || columns < NARROWEST) return text;
  return text
    .split('\n')
    .flatMap((line) => folded(line, columns))
    .join('\n');
}

function folded(line: string, columns: number): readonly string[] {
  const plain = stripVTControlCharacters(line);
  if (plain.length <= columns || WHOLE.test(plain)) return [line];
  const indent = Math.min(plain.length - plain.trimStart().length + 2, Math.floor(columns / 3));
  const [start = '', ...pieces] = line.split(/(?<=\S)(?= )/);
  const lines = [start];
  for (const piece of pieces) {
    const last = lines.length - 1;
    const longer = `${lines[last]}${piece}`;
    if (shownLength(longer) <= columns) lines[last] = longer;
    else lines.push(`${' '.repeat(indent)}${piece.trimStart()}`);
  }
  return lines;
}
