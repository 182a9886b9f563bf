import { type Callees, callersOf, type Missing, missingIn } from '../../model/callees.ts';
import { isCompleteChain } from '../../model/good.ts';
import type { Chain, Hop } from '../../model/record.ts';
import type { GoodRequest } from '../../model/scenario.ts';
import type { Site } from '../facts/sites.ts';
import type { Found, HopLookup } from './hop-lookup.ts';

/** Chains kept with their addresses; what comes after them is told apart by its services and zones alone. */
const MAX_CHAINS = 200_000;
/** Kinds of incomplete chains; the error texts of the rest are not told apart. */
const MAX_KINDS = 4096;
/** No engine counts its chains further than this. */
const MAX_INDEX = 1 << 24;

/**
 * Chains that count alike: the same services in the same places, and the same left over. Addresses matter only as far as
 * clauses ask for what they alone can tell.
 */
export type ChainKind = {
  /** Dense, in order of appearance. */
  readonly index: number;
  /** The first chain of this kind, as recorded. */
  readonly chain: Chain;
  /** Where each of its hops was served. */
  readonly sites: readonly Site[];
  /** In which cluster, where its zone alone does not tell and its address does; empty where zones tell. */
  readonly clusters: readonly (string | undefined)[];
  /** Which of its hops called each hop (model/callees.ts). */
  readonly callers: readonly (number | undefined)[];
  /** Why it is not known of a hop what or where it was; undefined where all are known. */
  readonly unknown: string | undefined;
  /** By the rule of a path (`PathRule.index`). */
  readonly complete: readonly boolean[];
};

/** One chain of the record file. */
export type ChainRef = {
  /** Dense, in order of appearance. */
  readonly id: number;
  readonly kind: ChainKind;
  /** With its addresses, unless the table was full when it came. */
  readonly chain: Chain;
  /** Which of its hops called each hop (model/callees.ts). */
  readonly callers: readonly (number | undefined)[];
  /** By the rule of a path: the first call that it does not tell of. */
  readonly missing: readonly Missing[];
};

/** Characters of a text that are kept. */
const MAX_TEXT = 120;
/** A cut text ends with a whole word, unless that word is longer than this. */
const LONGEST_WORD = 25;

/** Free text made short and comparable: numbers and ids become #, control characters blanks. */
export function normalise(text: string): string {
  const whole = text
    .replace(/\p{C}+/gu, ' ')
    .replace(/\b[0-9a-f]{8,}(?:-[0-9a-f]{4,})*\b/gi, '#')
    .replace(/\d+(?:\.\d+)*/g, '#')
    .replace(/\s+/g, ' ')
    .trim();
  if (whole.length <= MAX_TEXT) return whole;
  const space = whole.lastIndexOf(' ', MAX_TEXT - 1);
  const end = space >= MAX_TEXT - 1 - LONGEST_WORD ? space : MAX_TEXT - 1;
  return `${whole.slice(0, end).toWellFormed()}…`;
}

const NO_CHAIN: Chain = { hops: [], rest: '' };
const withoutAddresses = ({ hops, rest }: Chain): Chain => ({
  hops: hops.map(({ service, zone }) => ({ service, zone, ip: '' })),
  rest,
});

/**
 * The chains of a record file by their index there. However many pods there are, a complete chain is complete: only
 * what tells incomplete ones apart, and addresses, is bounded.
 */
export class ChainTable {
  readonly kinds: ChainKind[] = [];
  /** For responses that carried no chain, and requests without a response. */
  readonly none: ChainRef;
  /** Chain lines that gave a taken index to another chain: what points there says nothing. */
  contradictions = 0;
  readonly #rules: readonly GoodRequest[];
  readonly #callees: Callees;
  readonly #lookup: HopLookup | undefined;
  readonly #siteOf: (hop: Hop) => Site;
  readonly #clusterOf: ((hop: Hop) => string | undefined) | undefined;
  readonly #onChain: (chain: ChainRef) => void;
  /** What follows from the services of a chain alone: who called, and which call is missing. */
  readonly #calling = new Map<string, Pick<ChainRef, 'callers' | 'missing'>>();
  readonly #kinds = new Map<string, ChainKind>();
  readonly #chains = new Map<string, ChainRef>();
  readonly #hops = new Map<string, Hop>();
  /** By the rule of a path: what a chain does not tell may be another service on another path. */
  readonly #byIndex: (readonly ChainRef[] | undefined)[] = [];
  readonly #lost = new Set<number>();
  #count = 0;

  /** `onChain` hears of every chain once, before any record that has it. */
  constructor(
    reading: {
      /** What is good on some path. */
      readonly rules: readonly GoodRequest[];
      readonly callees: Callees;
      /** Undefined where chains tell all of their hops. */
      readonly lookup: HopLookup | undefined;
      /** Where a hop was served. */
      readonly siteOf: (hop: Hop) => Site;
      /** In which cluster of several with such a zone; undefined where zones tell. */
      readonly clusterOf?: ((hop: Hop) => string | undefined) | undefined;
    },
    onChain: (chain: ChainRef) => void,
  ) {
    this.#rules = reading.rules;
    this.#callees = reading.callees;
    this.#lookup = reading.lookup;
    this.#siteOf = reading.siteOf;
    this.#clusterOf = reading.clusterOf;
    this.#onChain = onChain;
    this.none = this.#open({ chain: NO_CHAIN, unknown: undefined }, '');
  }

  define(index: number, chain: Chain): void {
    if (index > MAX_INDEX) return;
    const refs = this.#refsOf(chain);
    const before = this.#byIndex[index];
    if (before?.some((ref, rule) => ref !== refs[rule])) {
      this.contradictions++;
      this.#lost.add(index);
    } else this.#byIndex[index] = refs;
  }

  #refsOf(chain: Chain): readonly ChainRef[] {
    const lookup = this.#lookup;
    if (lookup !== undefined) return this.#rules.map((rule) => this.#found(lookup(chain, rule.chain), rule.chain));
    const ref = this.add(chain);
    return this.#rules.map(() => ref);
  }

  /** A chain without an index in the file. `unknown`: why it is not known of a hop where it was. */
  add(chain: Chain, unknown?: string): ChainRef {
    return this.#found({ chain, unknown }, []);
  }

  /** `wanted`: the services that should stand where it is not known which ones do. */
  #found({ chain, unknown }: Found, wanted: readonly string[]): ChainRef {
    const hops = chain.hops.map((hop) => `${hop.service}\u0000${hop.zone}\u0000${hop.ip}`);
    const known = `${hops.join('\u0001')}\u0002${chain.rest}`;
    const text = unknown === undefined ? known : `${known}\u0002${unknown}\u0002${wanted.join('\u0001')}`;
    return this.#chains.get(text) ?? this.#open({ chain: this.#sharing(chain, hops), unknown }, text, wanted);
  }

  /** By the rule of the record's path. Undefined when the chain's line is missing from the file, or two lines claim its index. */
  get(index: number, rule: number): ChainRef | undefined {
    if (index < 0) return this.none;
    return this.#lost.size > 0 && this.#lost.has(index) ? undefined : this.#byIndex[index]?.[rule];
  }

  /** The same chain of hops that others have as well: there are far fewer places than chains. */
  #sharing({ hops, rest }: Chain, keys: readonly string[]): Chain {
    const shared = hops.map((hop, i) => {
      const key = keys[i] as string;
      const known = this.#hops.get(key) ?? hop;
      if (known === hop) this.#hops.set(key, hop);
      return known;
    });
    return { hops: shared, rest };
  }

  #open({ chain: recorded, unknown }: Found, text: string, wanted: readonly string[] = []): ChainRef {
    const isFull = this.#chains.size >= MAX_CHAINS;
    const chain = isFull ? withoutAddresses(recorded) : recorded;
    const calling = this.#callingOf(chain.hops.map(({ service }, at) => service || (wanted[at] ?? '')));
    const sites = recorded.hops.map(this.#siteOf);
    const clusters = this.#clusterOf === undefined ? [] : recorded.hops.map(this.#clusterOf);
    const kind = this.#kindOf({ chain, unknown, sites, clusters }, calling.callers, recorded === NO_CHAIN);
    const known = isFull ? this.#chains.get(`kind ${kind.index}`) : undefined;
    if (known !== undefined) return known;
    const ref = { id: this.#count++, kind, chain, ...calling };
    this.#chains.set(isFull ? `kind ${kind.index}` : text, ref);
    this.#onChain(ref);
    return ref;
  }

  #callingOf(services: readonly string[]): Pick<ChainRef, 'callers' | 'missing'> {
    const key = services.join('\u0000');
    const known = this.#calling.get(key);
    if (known !== undefined) return known;
    const calling = {
      callers: callersOf(services, this.#callees),
      missing: this.#rules.map(({ chain }) => missingIn(services, chain, this.#callees)),
    };
    this.#calling.set(key, calling);
    return calling;
  }

  #kindOf(
    { chain, unknown, sites, clusters }: Found & Pick<ChainKind, 'sites' | 'clusters'>,
    callers: ChainKind['callers'],
    isNone: boolean,
  ): ChainKind {
    const complete = this.#rules.map((good) => isCompleteChain(isNone ? undefined : chain, good));
    const isPromised = complete.some((is, rule) => is && (this.#rules[rule]?.chain.length ?? 0) > 0);
    const hops = chain.hops
      .map(({ service }, i) => `${service}\u0000${sites[i]?.name}\u0000${clusters[i] ?? ''}`)
      .join('\u0001');
    const rest = normalise(chain.rest);
    const isCrowded = this.kinds.length >= MAX_KINDS && !isPromised;
    const exact = `${hops}\u0002${rest}${unknown === undefined ? '' : `\u0002${callers}`}`;
    const key = isCrowded && !this.#kinds.has(exact) ? `crowded ${complete}` : exact;
    const known = this.#kinds.get(key);
    if (known !== undefined) return known;
    const kind = { index: this.kinds.length, chain, sites, clusters, callers, unknown, complete };
    this.kinds.push(kind);
    this.#kinds.set(key, kind);
    return kind;
  }
}
