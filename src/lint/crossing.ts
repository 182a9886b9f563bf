import { isAt, type Place } from '../model/place.ts';
import type { LintSystem } from './system.ts';
import { whereabouts } from './whereabouts.ts';

/** Whether the scenario expects callers to be served by another cluster than their own. */
export function crossesClusters({ scenario, live }: LintSystem): boolean {
  const clustersAt = (place: Place): string[] => {
    const at = live.pods.filter((pod) => isAt(whereabouts(pod), place));
    return [...new Set(at.map(({ cluster }) => cluster))];
  };
  return (scenario?.expect.failoverOrder ?? []).some(({ from, order }) => {
    const home = clustersAt(from);
    return home.length > 0 && order.some(({ place }) => clustersAt(place).some((cluster) => !home.includes(cluster)));
  });
}
