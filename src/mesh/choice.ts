import type { Random } from '../model/ports.ts';
import type { Host } from './host.ts';
import { localityKey } from './locality.ts';

/** Two random draws, the one with fewer requests on its way wins, the first on a tie (Envoy: LEAST_REQUEST, choice_count 2). */
export function leastRequest(hosts: readonly Host[], random: Random): Host | undefined {
  const first = draw(hosts, random);
  const second = draw(hosts, random);
  if (first === undefined || second === undefined) return undefined;
  return second.active < first.active ? second : first;
}

/**
 * Draws a locality by weight times availability, where availability is the healthy share times 1.4, at most 1 (Envoy:
 * load_balancer_impl.cc, locality weighted load balancing). Returns that locality's usable hosts.
 */
export function weightedLocality(
  hosts: readonly Host[],
  weights: ReadonlyMap<string, number>,
  random: Random,
): readonly Host[] {
  const groups = new Map<string, Host[]>();
  for (const host of hosts) {
    const key = localityKey(host.endpoint.locality);
    groups.set(key, [...(groups.get(key) ?? []), host]);
  }
  const shares = [...groups].map(([key, members]) => {
    const usable = members.filter((host) => host.usable);
    return { usable, share: (weights.get(key) ?? 0) * Math.min(1, (1.4 * usable.length) / members.length) };
  });
  let point = random() * shares.reduce((total, entry) => total + entry.share, 0);
  const chosen = shares.find((entry) => {
    point -= entry.share;
    return entry.share > 0 && point < 0;
  });
  return chosen?.usable ?? [];
}

function draw<T>(items: readonly T[], random: Random): T | undefined {
  return items[Math.floor(random() * items.length)];
}
