import type { ChainRef } from '../ingest/chains.ts';

/** How often each pod served before the first fault, by the address in its answers. */
export class AddressBook {
  readonly #chains: ChainRef[] = [];
  #counts = new Float64Array(1024);

  define(chain: ChainRef): void {
    this.#chains[chain.id] = chain;
    if (chain.id < this.#counts.length) return;
    const larger = new Float64Array(this.#counts.length * 2);
    larger.set(this.#counts);
    this.#counts = larger;
  }

  /** One served request of the baseline. */
  see({ id }: ChainRef): void {
    this.#counts[id] = (this.#counts[id] as number) + 1;
  }

  /** Served requests of a service by the address of its hop. */
  of(service: string): ReadonlyMap<string, number> {
    const counts = new Map<string, number>();
    for (const { id, chain } of this.#chains) {
      for (const hop of chain.hops) {
        if (hop.service === service && hop.ip !== '') {
          counts.set(hop.ip, (counts.get(hop.ip) ?? 0) + (this.#counts[id] as number));
        }
      }
    }
    return counts;
  }
}
