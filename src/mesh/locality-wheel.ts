import type { Host } from './host.ts';
import { localityKey } from './locality.ts';

type Share = { readonly usable: readonly Host[]; readonly step: number; due: number };

/**
 * Takes localities in turn by their weight times availability, where availability is the healthy share times 1.4, at most
 * 1 (Envoy: upstream_impl.cc rebuildLocalityScheduler, edf_scheduler.h). It starts anew with every update of the priority.
 */
export class LocalityWheel {
  readonly #shares: readonly Share[];

  constructor(hosts: readonly Host[], weights: ReadonlyMap<string, number>) {
    const groups = new Map<string, Host[]>();
    for (const host of hosts) {
      const key = localityKey(host.endpoint.locality);
      groups.set(key, [...(groups.get(key) ?? []), host]);
    }
    this.#shares = [...groups].flatMap(([key, members]) => {
      const usable = members.filter((host) => host.usable);
      const weight = (weights.get(key) ?? 0) * Math.min(1, (1.4 * usable.length) / members.length);
      return weight > 0 ? [{ usable, step: 1 / weight, due: 1 / weight }] : [];
    });
  }

  /** The usable hosts of the locality whose turn it is. */
  next(): readonly Host[] {
    const [first, ...rest] = this.#shares;
    if (first === undefined) return [];
    const chosen = rest.reduce((least, share) => (share.due < least.due ? share : least), first);
    chosen.due += chosen.step;
    return chosen.usable;
  }
}
