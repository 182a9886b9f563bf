import type { Hop } from '../../model/record.ts';
import { sharedZones } from '../../model/zone-label.ts';
import type { Facts } from '../timeline/history.ts';
import { addressOf } from './pod-address.ts';

/**
 * Tells by the observed endpoints which cluster an answer came from, for zones that several clusters have by one name;
 * undefined where there are none. Nothing is judged by it: it is for what is shown.
 */
export function clusterFinder({ header, endpoints }: Facts): ((hop: Hop) => string | undefined) | undefined {
  const shared = sharedZones(header.topology.clusters);
  if (shared.size === 0) return undefined;
  const at = new Map<string, Set<string>>();
  for (const { ip, zone, cluster } of endpoints.flatMap((event) => event.endpoints)) {
    if (ip === '' || !shared.has(zone)) continue;
    const address = addressOf({ ip, zone });
    at.set(address, (at.get(address) ?? new Set()).add(cluster));
  }
  return (hop) => {
    const [cluster, ...others] = at.get(addressOf(hop)) ?? [];
    return others.length === 0 ? cluster : undefined;
  };
}
