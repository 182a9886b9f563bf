import { isCompleteChain } from '../model/good.ts';
import type { Chain } from '../model/record.ts';
import type { GoodRequest } from '../model/scenario.ts';

/** Chains kept word for word; after these, chains that differ only in numbers and ids share a kind. */
const MAX_EXACT = 2048;
/** A record file with more kinds is not from a healthy engine; the rest share one. */
const MAX_KINDS = 4096;
const MAX_INDEX = 1 << 24;

/** A chain as counted. */
export type ChainKind = {
  /** Dense, in order of appearance. */
  readonly index: number;
  /** The first chain of this kind, as recorded. */
  readonly chain: Chain;
  readonly complete: boolean;
};

/** Free text made short and comparable: numbers and ids become #, control characters blanks. */
export function normalise(text: string): string {
  return text
    .replace(/\p{C}+/gu, ' ')
    .replace(/\b[0-9a-f]{8,}(?:-[0-9a-f]{4,})*\b/gi, '#')
    .replace(/\d+(?:\.\d+)*/g, '#')
    .replace(/\s+/g, ' ')
    .trim()
    .slice(0, 120);
}

const NO_CHAIN: Chain = { hops: [], rest: '' };

/** The chains of a record file by their index there, folded into a bounded number of kinds. */
export class ChainTable {
  readonly kinds: ChainKind[] = [];
  /** For responses that carried no chain. */
  readonly none: ChainKind;
  /** Chain lines that were lost in the shared entry, or that gave a taken index to another chain. */
  overflow = 0;
  readonly #good: GoodRequest;
  readonly #byText = new Map<string, ChainKind>();
  readonly #byIndex: ChainKind[] = [];

  constructor(good: GoodRequest) {
    this.#good = good;
    this.none = this.#kind('', NO_CHAIN);
  }

  define(index: number, chain: Chain): void {
    const hops = chain.hops.map((hop) => `${hop.service}\u0000${hop.zone}\u0000${hop.ip}`).join('\u0001');
    const rest = this.kinds.length < MAX_EXACT ? chain.rest : normalise(chain.rest);
    const kind = this.#kind(`${hops}\u0002${rest}`, chain);
    const before = this.#byIndex[index];
    if (index > MAX_INDEX || (before !== undefined && before !== kind)) this.overflow++;
    else this.#byIndex[index] = kind;
  }

  /** Undefined when the chain's line is missing from the file. */
  get(index: number): ChainKind | undefined {
    return index < 0 ? this.none : this.#byIndex[index];
  }

  #kind(text: string, chain: Chain): ChainKind {
    const known = this.#byText.get(text);
    if (known !== undefined) return known;
    if (this.kinds.length >= MAX_KINDS) {
      this.overflow++;
      return this.none;
    }
    const complete = isCompleteChain(chain === NO_CHAIN ? undefined : chain, this.#good);
    const kind = { index: this.kinds.length, chain, complete };
    this.kinds.push(kind);
    this.#byText.set(text, kind);
    return kind;
  }
}
