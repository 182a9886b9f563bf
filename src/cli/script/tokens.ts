/** A piece of a script that is neither blank nor comment; `at` counts code units. */
export type Token = {
  /** `text`: a string, or a template without substitutions, whose `value` is what stands between the quotes. */
  readonly kind: 'word' | 'text' | 'mark' | 'other';
  readonly value: string;
  readonly at: number;
  /** It is the first of its line. */
  readonly first: boolean;
};

const BLANK = /^#!.*|\s+|\/\/.*|\/\*[\s\S]*?\*\//y;
const WORD = /(?:\\u\{[\da-fA-F]+\}|[\p{ID_Start}$_#\\])(?:\\u\{[\da-fA-F]+\}|[\p{ID_Continue}$\\])*/uy;
const ESCAPE = /\\u(?:\{0*([\da-fA-F]{1,6})\}|([\da-fA-F]{4}))/g;
const LINE_BREAK = /[\n\r\u2028\u2029]/;
const NUMBER = /\.?\d[\w.]*/y;
const STRING = /"[^"\\\n]*(?:\\[\s\S][^"\\\n]*)*"|'[^'\\\n]*(?:\\[\s\S][^'\\\n]*)*'/y;
const REGEX = /\/(?![*/])(?:[^\\/[\n]|\\.|\[(?:[^\]\\\n]|\\.)*\])+\/[\w$]*/y;
const TEMPLATE_PART = /[^`\\$]*(?:(?:\\[\s\S]|\$(?!\{))[^`\\$]*)*/y;
const MARK = /\+\+|--|\.\.\.|\?\.(?!\d)|[\s\S]/uy;

/** Words after which a value follows, so that a slash opens a regular expression. */
export const BEFORE_VALUE: ReadonlySet<string> = new Set(
  'return typeof case in of delete void throw new instanceof else do yield await default extends'.split(' '),
);
/** Words whose parentheses a statement follows. */
const HEADS: ReadonlySet<string> = new Set(['if', 'while', 'for', 'with']);

/**
 * The tokens of a script in JavaScript or TypeScript, read well enough to tell code from comments, strings, templates and
 * regular expressions. Never throws: what fits nowhere is a mark of one character.
 */
export function tokensOf(script: string): readonly Token[] {
  const scanner = new Scanner(script);
  while (scanner.step());
  return scanner.tokens;
}

/** A token, and whether a value has ended with it, so that a slash after it divides. */
type Read = Omit<Token, 'at' | 'first'> & { readonly isValue: boolean };

class Scanner {
  readonly tokens: Token[] = [];
  readonly #script: string;
  /** What is open: a template's `${`, a brace, a parenthesis, or one that a statement follows. */
  readonly #open: ('${' | '{' | '(' | 'head(')[] = [];
  #at = 0;
  #isValue = false;
  #brokeLine = true;

  constructor(script: string) {
    this.#script = script;
  }

  /** Reads a token or what stands between two; false at the end. */
  step(): boolean {
    const at = this.#at;
    if (at >= this.#script.length) return false;
    const blank = this.#match(BLANK);
    if (blank !== undefined) {
      this.#brokeLine ||= LINE_BREAK.test(blank);
      return true;
    }
    const { kind, value, isValue } = this.#read();
    this.tokens.push({ kind, value, at, first: this.#brokeLine });
    this.#isValue = isValue;
    this.#brokeLine = false;
    return true;
  }

  #read(): Read {
    const text = this.#match(STRING);
    if (text !== undefined) return { kind: 'text', value: text.slice(1, -1), isValue: true };
    const written = this.#match(WORD);
    if (written !== undefined) {
      const word = unescaped(written);
      const isName = this.#follows('mark', '.') || this.#follows('mark', '?.');
      return { kind: 'word', value: word, isValue: isName || !BEFORE_VALUE.has(word) };
    }
    const other = this.#match(NUMBER) ?? (this.#divides() ? undefined : this.#match(REGEX));
    if (other !== undefined) return { kind: 'other', value: other, isValue: true };
    return this.#mark(this.#match(MARK) ?? '');
  }

  /** After a block a slash divides on the same line only: a line that begins with one begins with a regular expression. */
  #divides(): boolean {
    return this.#isValue && !(this.#brokeLine && this.#follows('mark', '}'));
  }

  #mark(mark: string): Read {
    if (mark === '`') return this.#template('text');
    if (mark === '{') this.#open.push('{');
    if (mark === '(') this.#open.push(this.#followsHead() ? 'head(' : '(');
    const closed = mark === ')' || mark === '}' ? this.#open.pop() : undefined;
    if (closed === '${') return this.#template('other');
    const keeps = mark === '++' || mark === '--' || mark === '!';
    const ends = mark === ']' || mark === '}' || (mark === ')' && closed !== 'head(');
    return { kind: 'mark', value: mark, isValue: keeps ? this.#isValue : ends };
  }

  /** Reads on after the quote of a template or the end of a substitution; `kind` is what it is if nothing is substituted. */
  #template(kind: 'text' | 'other'): Read {
    const value = this.#match(TEMPLATE_PART) ?? '';
    const isEnd = this.#match(MARK) !== '$';
    if (isEnd) return { kind, value, isValue: true };
    this.#at += 1;
    this.#open.push('${');
    return { kind: 'other', value, isValue: false };
  }

  #followsHead(): boolean {
    const last = this.tokens.at(-1);
    return last?.kind === 'word' && HEADS.has(last.value);
  }

  #follows(kind: Token['kind'], value: string): boolean {
    const last = this.tokens.at(-1);
    return last?.kind === kind && last.value === value;
  }

  #match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#script)?.[0];
    this.#at += found?.length ?? 0;
    return found;
  }
}

/** A name as k6 reads it: letters of a name may be written by their code points. */
function unescaped(name: string): string {
  return name.replace(ESCAPE, (written, long?: string, short?: string) => {
    const point = Number.parseInt(long ?? short ?? '', 16);
    return point <= 0x10_ffff ? String.fromCodePoint(point) : written;
  });
}
