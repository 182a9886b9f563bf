import type { Hop } from '../../model/record.ts';
import type { ChainRef } from '../ingest/chains.ts';
import type { Segment } from '../timeline/windows.ts';
import type { Pods } from './pods.ts';

/** A hop whose printed zone is not the zone of its address. */
type Lie = {
  readonly hop: Hop;
  readonly zones: readonly string[];
  count: number;
  /** Of those, in the baseline. */
  before: number;
};

/** Checks the zone that answers print against the zone in which the cluster has the address. */
export class ContradictionBook {
  readonly #pods: Pods;
  readonly #lies = new Map<string, Lie>();
  readonly #byChain: (readonly Lie[] | undefined)[] = [];

  constructor(pods: Pods) {
    this.#pods = pods;
  }

  define({ id, chain }: ChainRef): void {
    const lies = chain.hops.flatMap((hop) => this.#lie(hop) ?? []);
    if (lies.length > 0) this.#byChain[id] = lies;
  }

  see(chain: ChainRef, { part }: Segment): void {
    const lies = this.#byChain[chain.id];
    if (lies === undefined) return;
    for (const lie of lies) {
      lie.count++;
      if (part === 'baseline') lie.before++;
    }
  }

  /** Most frequent first. */
  all(): Lie[] {
    return [...this.#lies.values()]
      .filter((lie) => lie.count > 0)
      .sort((a, b) => b.count - a.count || (a.hop.ip < b.hop.ip ? -1 : 1));
  }

  #lie(hop: Hop): Lie | undefined {
    const zones = hop.ip === '' ? undefined : this.#pods.zonesOf(hop.ip);
    if (zones === undefined || zones.has(hop.zone) || zones.has('')) return undefined;
    const key = `${hop.service}\u0000${hop.zone}\u0000${hop.ip}`;
    const lie = this.#lies.get(key) ?? { hop, zones: [...zones].sort(), count: 0, before: 0 };
    this.#lies.set(key, lie);
    return lie;
  }
}
