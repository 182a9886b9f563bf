import { type Node, PatternError, parsePattern, type Ranges } from './parse.ts';

/** A step of the automaton: `set` reads a character, the others read nothing. */
type State =
  | { readonly kind: 'set'; readonly ranges: Ranges; next: number }
  | { readonly kind: 'split'; readonly next: number[] }
  | { readonly kind: 'start' | 'end'; next: number }
  | { readonly kind: 'found' };

/** Most states of a pattern, counted repetitions written out. */
const MOST_STATES = 4000;
/** Sets of states that are remembered; past that they are forgotten and found again. */
const MOST_SETS = 500;
/** Characters whose way is remembered in each set. */
const REMEMBERED = 256;

/** A set of states that a text can be in, and where each character leads. */
type Place = {
  readonly states: readonly number[];
  readonly found: boolean;
  readonly foundAtEnd: boolean;
  readonly to: Map<number, Place>;
};

/**
 * A regular expression that is looked for in texts in one pass: the time grows with the length of the text alone, whatever
 * the text is. As `RegExp.test` without flags, for the patterns that it reads.
 */
export class LinearPattern {
  readonly #states: State[] = [];
  readonly #first: number;
  readonly #places = new Map<string, Place>();
  #begin: Place | undefined;

  /** Throws PatternError, in words for people, for what is no pattern or has no linear one. */
  constructor(text: string) {
    const found = this.#add({ kind: 'found' });
    this.#first = this.#build(parsePattern(text), found);
  }

  /** Whether the pattern is found in the text. */
  test(text: string): boolean {
    this.#begin ??= this.#placeOf([this.#first], true);
    let place = this.#begin;
    for (let at = 0; at < text.length; at += 1) {
      if (place.found) return true;
      const code = text.charCodeAt(at);
      let next = place.to.get(code);
      if (next === undefined) {
        next = this.#step(place, code);
        if (code < REMEMBERED) place.to.set(code, next);
      }
      place = next;
    }
    return place.found || place.foundAtEnd;
  }

  #add(state: State): number {
    if (this.#states.length >= MOST_STATES) throw new PatternError('the pattern is too large');
    return this.#states.push(state) - 1;
  }

  /** The state from which the node leads to `next`. */
  #build(node: Node, next: number): number {
    if (node.kind === 'set') return this.#add({ kind: 'set', ranges: node.ranges, next });
    if (node.kind === 'all') return node.parts.reduceRight((after, part) => this.#build(part, after), next);
    if (node.kind === 'any')
      return this.#add({ kind: 'split', next: node.options.map((option) => this.#build(option, next)) });
    if (node.kind === 'repeat') return this.#repeat(node, next);
    return this.#add({ kind: node.kind, next });
  }

  #repeat({ node, min, max }: Extract<Node, { kind: 'repeat' }>, next: number): number {
    let after = next;
    if (max === Number.POSITIVE_INFINITY) {
      const split = { kind: 'split' as const, next: [next] };
      after = this.#add(split);
      split.next.push(this.#build(node, after));
    } else {
      for (let more = max - min; more > 0; more -= 1) {
        after = this.#add({ kind: 'split', next: [next, this.#build(node, after)] });
      }
    }
    for (let times = 0; times < min; times += 1) after = this.#build(node, after);
    return after;
  }

  #step({ states }: Place, code: number): Place {
    const next = states.flatMap((index) => {
      const state = this.#states[index];
      return state?.kind === 'set' && isIn(state.ranges, code) ? [state.next] : [];
    });
    return this.#placeOf([...next, this.#first], false);
  }

  #placeOf(from: readonly number[], atStart: boolean): Place {
    const states = [...this.#reach(from, atStart, false)].sort((a, b) => a - b);
    const key = `${atStart} ${states.join()}`;
    const known = this.#places.get(key);
    if (known !== undefined) return known;
    const atEnd = this.#reach(states, atStart, true);
    const place = { states, found: this.#has(states), foundAtEnd: this.#has(atEnd), to: new Map<number, Place>() };
    if (this.#places.size >= MOST_SETS) this.#forget();
    this.#places.set(key, place);
    return place;
  }

  #forget(): void {
    for (const { to } of this.#places.values()) to.clear();
    this.#places.clear();
    this.#begin = undefined;
  }

  #has(states: Iterable<number>): boolean {
    for (const index of states) if (this.#states[index]?.kind === 'found') return true;
    return false;
  }

  /** Every state that can be reached without reading a character. */
  #reach(from: Iterable<number>, atStart: boolean, atEnd: boolean): Set<number> {
    const reached = new Set<number>();
    const waiting = [...from];
    for (let index = waiting.pop(); index !== undefined; index = waiting.pop()) {
      if (reached.has(index)) continue;
      reached.add(index);
      const state = this.#states[index];
      if (state?.kind === 'split') waiting.push(...state.next);
      else if ((state?.kind === 'start' && atStart) || (state?.kind === 'end' && atEnd)) waiting.push(state.next);
    }
    return reached;
  }
}

function isIn(ranges: Ranges, code: number): boolean {
  return ranges.some(([low, high]) => code >= low && code <= high);
}
