import type { Chain } from '../model/record.ts';
import type { ChainParser } from './chain.ts';

/** Distinct chains of one run. What comes after that shares one chain that says so. */
const CHAIN_LIMIT = 10_000;
/** Characters of all chains together, so that hostile bodies cannot fill memory or disk. */
const CHAIN_TEXT_LIMIT = 8_388_608;
/** A text longer than this is parsed each time, not remembered. */
const MEMO_TEXT_LIMIT = 1024;

const OVERFLOW: Chain = { hops: [], rest: 'too many distinct chains' };

/**
 * Gives every distinct chain an index. The common case, a text seen before, is one lookup; different texts that say the
 * same chain share its index. `onNew` is called once for each index, in order, before it is returned.
 */
export class ChainTable {
  readonly #parse: ChainParser;
  readonly #onNew: (index: number, chain: Chain) => void;
  readonly #chains: Chain[] = [];
  readonly #byText = new Map<string, number>();
  readonly #byChain = new Map<string, number>();
  #size = 0;
  #overflow = -1;

  constructor(parse: ChainParser, onNew: (index: number, chain: Chain) => void) {
    this.#parse = parse;
    this.#onNew = onNew;
  }

  /** The chain with this index, as `onNew` got it. */
  at(index: number): Chain | undefined {
    return this.#chains[index];
  }

  /** The index of the chain in a response text. `truncated` says that the text is only the beginning of the body. */
  index(text: string, truncated: boolean): number {
    return (truncated ? undefined : this.#byText.get(text)) ?? this.#learn(text, truncated);
  }

  #learn(text: string, truncated: boolean): number {
    const chain = this.#parse(text, truncated);
    const key = JSON.stringify(chain);
    const index = this.#byChain.get(key) ?? this.#add(chain, key);
    const memorable = !truncated && text.length <= MEMO_TEXT_LIMIT && this.#byText.size < CHAIN_LIMIT;
    if (memorable) this.#byText.set(text, index);
    return index;
  }

  #add(chain: Chain, key: string): number {
    if (this.#chains.length >= CHAIN_LIMIT || this.#size + key.length > CHAIN_TEXT_LIMIT) {
      if (this.#overflow === -1) this.#overflow = this.#append(OVERFLOW);
      return this.#overflow;
    }
    this.#size += key.length;
    const index = this.#append(chain);
    this.#byChain.set(key, index);
    return index;
  }

  #append(chain: Chain): number {
    const index = this.#chains.push(chain) - 1;
    this.#onNew(index, chain);
    return index;
  }
}
