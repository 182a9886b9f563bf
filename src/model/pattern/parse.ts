/** Inclusive ranges of UTF-16 code units. */
export type Ranges = readonly (readonly [number, number])[];

/** A regular expression as a tree. */
export type Node =
  | { readonly kind: 'set'; readonly ranges: Ranges }
  | { readonly kind: 'all'; readonly parts: readonly Node[] }
  | { readonly kind: 'any'; readonly options: readonly Node[] }
  | { readonly kind: 'repeat'; readonly node: Node; readonly min: number; readonly max: number }
  | { readonly kind: 'start' | 'end' };

/** Why a text is no pattern, for people. */
export class PatternError extends Error {}

const LAST = 0xffff;
/** Most repetitions that a pattern can count. */
const MOST_COUNTED = 1000;
const LINE_ENDS: Ranges = [
  [0x0a, 0x0a],
  [0x0d, 0x0d],
  [0x2028, 0x2029],
];
const DIGITS: Ranges = [[0x30, 0x39]];
const WORDS: Ranges = [
  [0x30, 0x39],
  [0x41, 0x5a],
  [0x5f, 0x5f],
  [0x61, 0x7a],
];
/** As ECMAScript's WhiteSpace and LineTerminator have it. */
const SPACES: Ranges = [
  [0x09, 0x0d],
  [0x20, 0x20],
  [0xa0, 0xa0],
  [0x1680, 0x1680],
  [0x2000, 0x200a],
  [0x2028, 0x2029],
  [0x202f, 0x202f],
  [0x205f, 0x205f],
  [0x3000, 0x3000],
  [0xfeff, 0xfeff],
];
const CONTROLS: Readonly<Record<string, number>> = { t: 9, n: 10, v: 11, f: 12, r: 13 };

function without(ranges: Ranges): Ranges {
  const sorted = [...ranges].sort((a, b) => a[0] - b[0]);
  const left: [number, number][] = [];
  let from = 0;
  for (const [low, high] of sorted) {
    if (low > from) left.push([from, low - 1]);
    from = Math.max(from, high + 1);
  }
  if (from <= LAST) left.push([from, LAST]);
  return left;
}

const CLASSES: Readonly<Record<string, Ranges>> = {
  d: DIGITS,
  D: without(DIGITS),
  w: WORDS,
  W: without(WORDS),
  s: SPACES,
  S: without(SPACES),
};

/**
 * Reads the part of JavaScript's regular expressions that can be matched in one pass over a text: no backreference, no
 * look-around, no word boundary. Throws PatternError.
 */
export function parsePattern(text: string): Node {
  const parser = new Parser(text);
  const node = parser.options();
  if (!parser.atEnd) throw new PatternError('a `)` closes nothing');
  return node;
}

class Parser {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  get atEnd(): boolean {
    return this.#at >= this.#text.length;
  }

  options(): Node {
    const options = [this.#sequence()];
    while (this.#take('|')) options.push(this.#sequence());
    return options.length === 1 ? (options[0] as Node) : { kind: 'any', options };
  }

  #sequence(): Node {
    const parts: Node[] = [];
    while (!this.atEnd && !/[|)]/.test(this.#peek())) parts.push(this.#repeated());
    return { kind: 'all', parts };
  }

  #repeated(): Node {
    const node = this.#single();
    const count = this.#count();
    if (count === undefined) return node;
    if (node.kind === 'start' || node.kind === 'end') throw new PatternError('nothing can be repeated there');
    this.#take('?');
    if (this.#count() !== undefined) throw new PatternError('a repetition follows on a repetition');
    return { kind: 'repeat', node, ...count };
  }

  #count(): { min: number; max: number } | undefined {
    if (this.#take('*')) return { min: 0, max: Number.POSITIVE_INFINITY };
    if (this.#take('+')) return { min: 1, max: Number.POSITIVE_INFINITY };
    if (this.#take('?')) return { min: 0, max: 1 };
    const counted = /^\{(\d{1,6})(?:(,)(\d{1,6})?)?\}/.exec(this.#text.slice(this.#at, this.#at + 20));
    if (counted === null) return undefined;
    this.#at += counted[0].length;
    const min = Number(counted[1]);
    const max = counted[2] === undefined ? min : Number(counted[3] ?? Number.POSITIVE_INFINITY);
    if (max < min) throw new PatternError('a repetition has its numbers the wrong way round');
    if (min > MOST_COUNTED || (Number.isFinite(max) && max > MOST_COUNTED)) {
      throw new PatternError(`a repetition counts further than ${MOST_COUNTED}`);
    }
    return { min, max };
  }

  #single(): Node {
    const char = this.#next();
    if (char === '^') return { kind: 'start' };
    if (char === '$') return { kind: 'end' };
    if (char === '.') return { kind: 'set', ranges: without(LINE_ENDS) };
    if (char === '(') return this.#group();
    if (char === '[') return { kind: 'set', ranges: this.#set() };
    if (char === '\\') return { kind: 'set', ranges: this.#escape() };
    if ('*+?{}])'.includes(char)) throw new PatternError(`\`${char}\` stands alone: write \`\\${char}\``);
    return { kind: 'set', ranges: one(char) };
  }

  #group(): Node {
    if (this.#peek() === '?' && !this.#text.startsWith('?:', this.#at)) {
      throw new PatternError('groups are `(…)` and `(?:…)`: look-around and names are not there');
    }
    if (this.#take('?')) this.#take(':');
    const node = this.options();
    if (!this.#take(')')) throw new PatternError('a `(` is not closed');
    return node;
  }

  #set(): Ranges {
    const negated = this.#take('^');
    const ranges: (readonly [number, number])[] = [];
    while (!this.#take(']')) {
      const low = this.#member();
      const isRange = this.#peek() === '-' && this.#text[this.#at + 1] !== ']';
      if (!isRange) {
        ranges.push(...low);
        continue;
      }
      this.#at += 1;
      ranges.push(between(low, this.#member()));
    }
    return negated ? without(ranges) : ranges;
  }

  #member(): Ranges {
    const char = this.#next();
    return char === '\\' ? this.#escape() : one(char);
  }

  #escape(): Ranges {
    const char = this.#next();
    const known = CLASSES[char];
    if (known !== undefined) return known;
    const control = CONTROLS[char];
    if (control !== undefined) return [[control, control]];
    if (char === 'x' || char === 'u') return this.#coded(char === 'x' ? 2 : 4);
    if (/[A-Za-z0-9]/.test(char)) throw new PatternError(`\`\\${char}\` is not there`);
    return one(char);
  }

  #coded(digits: number): Ranges {
    const hex = this.#text.slice(this.#at, this.#at + digits);
    if (!new RegExp(`^[0-9A-Fa-f]{${digits}}$`).test(hex)) throw new PatternError(`a code needs ${digits} digits`);
    this.#at += digits;
    const code = Number.parseInt(hex, 16);
    return [[code, code]];
  }

  #peek(): string {
    return this.#text[this.#at] ?? '';
  }

  #take(char: string): boolean {
    if (this.#peek() !== char) return false;
    this.#at += 1;
    return true;
  }

  #next(): string {
    const char = this.#text[this.#at];
    if (char === undefined) throw new PatternError('the pattern ends too early');
    this.#at += 1;
    return char;
  }
}

function between(low: Ranges, high: Ranges): readonly [number, number] {
  const [from, to] = [singleOf(low), singleOf(high)];
  if (from === undefined || to === undefined || to < from) {
    throw new PatternError('a range in `[…]` has no beginning and end');
  }
  return [from, to];
}

/** The one character of a set; undefined when it has more. */
function singleOf([first, ...others]: Ranges): number | undefined {
  return first !== undefined && others.length === 0 && first[0] === first[1] ? first[0] : undefined;
}

function one(char: string): Ranges {
  const code = char.charCodeAt(0);
  return [[code, code]];
}
