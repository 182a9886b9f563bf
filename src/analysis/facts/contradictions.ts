import type { Hop } from '../../model/record.ts';
import type { ChainRef } from '../ingest/chains.ts';
import type { Segment } from '../timeline/windows.ts';
import type { Pods } from './pods.ts';

/** A hop whose zone, as an answer or a proxy has it, or whose stated Service is not that of its address. */
export type Contradiction = {
  readonly hop: Hop;
  /** Whether callers' proxies counted calls to it, and no answer named it. */
  isCounted: boolean;
  /** Those in which the cluster has the address, or the Services behind which its pod is. */
  readonly truth: { readonly zones: readonly string[] } | { readonly services: readonly string[] };
  count: number;
  /** Of those, in the baseline. */
  before: number;
};

/** Checks zone and service that answers print, or callers' proxies count, against where, and behind which Services, the cluster has the address. */
export class ContradictionBook {
  readonly #pods: Pods;
  readonly #seen = new Map<string, Contradiction>();
  readonly #byChain: (readonly Contradiction[] | undefined)[] = [];

  constructor(pods: Pods) {
    this.#pods = pods;
  }

  define({ id, chain }: ChainRef): void {
    const found = chain.hops.flatMap((hop) => this.#contradictionOf(hop) ?? []);
    if (found.length > 0) this.#byChain[id] = found;
  }

  /** Whether a hop of this chain is contradicted. */
  knows({ id }: ChainRef): boolean {
    return this.#byChain[id] !== undefined;
  }

  see(chain: ChainRef, segment: Segment): void {
    this.#add(chain, segment, 1, false);
  }

  /** So many calls that a proxy has counted. */
  counted(chain: ChainRef, segment: Segment, n: number): void {
    this.#add(chain, segment, n, true);
  }

  #add(chain: ChainRef, { part }: Segment, n: number, isCounted: boolean): void {
    const found = this.#byChain[chain.id];
    if (found === undefined) return;
    for (const one of found) {
      one.isCounted = isCounted;
      one.count += n;
      if (part === 'baseline') one.before += n;
    }
  }

  /** Most frequent first. */
  all(): Contradiction[] {
    return [...this.#seen.values()]
      .filter(({ count }) => count > 0)
      .sort((a, b) => b.count - a.count || (a.hop.ip < b.hop.ip ? -1 : 1));
  }

  #contradictionOf(hop: Hop): Contradiction | undefined {
    const truth = this.#truthOf(hop);
    if (truth === undefined) return undefined;
    const key = `${hop.service}\u0000${hop.zone}\u0000${hop.ip}`;
    const contradiction = this.#seen.get(key) ?? { hop, truth, isCounted: false, count: 0, before: 0 };
    this.#seen.set(key, contradiction);
    return contradiction;
  }

  #truthOf(hop: Hop): Contradiction['truth'] | undefined {
    if (hop.ip === '' || hop.zone === '') return undefined;
    const zones = this.#pods.zonesOf(hop.ip);
    if (zones !== undefined && !zones.has(hop.zone) && !zones.has('')) return { zones: [...zones].sort() };
    const services = this.#pods.othersThan(hop);
    return services === undefined ? undefined : { services };
  }
}
