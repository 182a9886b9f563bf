import { Composer, type CST, type Document, Lexer, Parser, type YAMLError } from 'yaml';
import { printable, quoted } from './printable.ts';
import { error, type Problems } from './problems.ts';
import { maskLine, secretLines } from './secret-lines.ts';

/** Far beyond any scenario, and small enough that the worst text of this size is read in a fraction of a second. */
const MOST_CHARACTERS = 256 * 1024;
const MOST_LEXEMES = 40_000;
const DEEPEST = 64;
const MOST_SYNTAX_ERRORS = 20;
const LONGEST_MESSAGE = 160;

/** Everything that YAML 1.2 calls not printable, lone surrogates included. */
const NOT_PRINTABLE =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
  /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u0084\u0086-\u009f\ufffe\uffff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

/**
 * Reads text as one YAML document, within bounds of size and depth that are checked before and while the text is
 * parsed. Returns undefined when there were problems of syntax.
 */
export function readDocument(text: string, problems: Problems): Document | undefined {
  if (text.length > MOST_CHARACTERS) {
    error(problems, 'YAML_LIMIT', { start: 0, end: 1 }, `the file is larger than ${MOST_CHARACTERS / 1024} KiB`);
    return undefined;
  }
  if (!isPrintable(text, problems)) return undefined;
  const tokens = readTokens(text, problems);
  return tokens === undefined ? undefined : compose(tokens, text, problems);
}

function isPrintable(text: string, problems: Problems): boolean {
  let found = 0;
  for (const { index, 0: char } of text.matchAll(NOT_PRINTABLE)) {
    const code = char.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0');
    const hint = char === '\0' ? 'the file must be UTF-8 text; this may be UTF-16 or no text at all' : undefined;
    error(problems, 'YAML_SYNTAX', { start: index, end: index + 1 }, `the character U+${code} is not allowed`, hint);
    found += 1;
    if (found === MOST_SYNTAX_ERRORS) break;
  }
  return found === 0;
}

/** The tokens of the first document. The parser is stepped by hand, since its stack is the nesting of the text. */
function readTokens(text: string, problems: Problems): CST.Token[] | undefined {
  const parser = new Parser();
  const tokens: CST.Token[] = [];
  let lexemes = 0;
  for (const lexeme of new Lexer().lex(text)) {
    tokens.push(...parser.next(lexeme));
    lexemes += 1;
    const at = { start: parser.offset, end: parser.offset + 1 };
    if (parser.stack.length > DEEPEST) {
      error(problems, 'YAML_LIMIT', at, `the file is nested deeper than ${DEEPEST} levels`);
      return undefined;
    }
    if (lexemes > MOST_LEXEMES) {
      error(problems, 'YAML_LIMIT', at, 'the file has far more parts than a scenario can have');
      return undefined;
    }
  }
  tokens.push(...parser.end());
  return refuseDirectives(tokens, problems) ? undefined : onlyDocument(tokens, problems);
}

function refuseDirectives(tokens: readonly CST.Token[], problems: Problems): boolean {
  const directive = tokens.find((token) => token.type === 'directive');
  if (directive === undefined) return false;
  const at = { start: directive.offset, end: directive.offset + directive.source.length };
  error(problems, 'YAML_SYNTAX', at, 'YAML directives are not accepted', 'delete the line; the file is YAML 1.2');
  return true;
}

function onlyDocument(tokens: readonly CST.Token[], problems: Problems): CST.Token[] {
  let documents = 0;
  return tokens.filter((token) => {
    if (token.type !== 'document') return token.type === 'error';
    if (documents > 0 && token.value === undefined) return false;
    documents += 1;
    if (documents === 2) {
      const at = { start: token.offset, end: token.offset + 3 };
      const hint = 'one file is one document: move this one to a file of its own';
      error(problems, 'YAML_LIMIT', at, 'a second YAML document starts here; only the first would be read', hint);
    }
    return documents === 1;
  });
}

function compose(tokens: readonly CST.Token[], text: string, problems: Problems): Document | undefined {
  // uniqueKeys compares every key with every other; the tree checks that in one pass.
  const composer = new Composer({
    version: '1.2',
    schema: 'core',
    merge: false,
    uniqueKeys: false,
    logLevel: 'silent',
  });
  const [document] = composer.compose(tokens, true, text.length);
  if (document === undefined) return undefined;
  const lines = new Set<number>();
  const secrets = document.errors.length === 0 ? [] : secretLines(text);
  for (const problem of document.errors.slice(0, 1000)) {
    const line = text.lastIndexOf('\n', problem.pos[0] - 1);
    if (lines.has(line) || lines.size === MOST_SYNTAX_ERRORS) continue;
    lines.add(line);
    const [start, end] = problem.pos;
    const shown = lineAt(text, start);
    const lineEnd = line + 1 + shown.length;
    const isSecret = maskLine(shown) !== shown || secrets.some((one) => one.start <= lineEnd && one.end > line);
    const message = isSecret ? sentence(problem).replace(/: .*$/s, '') : sentence(problem);
    error(problems, 'YAML_SYNTAX', { start, end }, message, syntaxHint(problem, isSecret ? '' : text));
  }
  return lines.size === 0 ? document : undefined;
}

/** Messages of the library start with a capital and may hold any amount of the text. */
function sentence({ message }: YAMLError): string {
  const text = message.charAt(0).toLowerCase() + message.slice(1);
  return printable(text.length > LONGEST_MESSAGE ? `${text.slice(0, LONGEST_MESSAGE)}…` : text);
}

function lineAt(text: string, offset: number): string {
  return text.slice(text.lastIndexOf('\n', offset - 1) + 1).split(/\r?\n/, 1)[0] ?? '';
}

function syntaxHint(problem: YAMLError, text: string): string | undefined {
  const [start] = problem.pos;
  const line = lineAt(text, start);
  const bound = /:\s+(>=?[^#,}\]]*)/.exec(line)?.[1]?.trim();
  if (bound !== undefined) return `a bound needs quotes: ${quoted(`"${bound}"`)}`;
  if (problem.code === 'TAB_AS_INDENT') return 'indent with spaces';
  if (problem.code === 'BLOCK_AS_IMPLICIT_KEY') return 'text that contains `: ` needs quotes';
  return undefined;
}
