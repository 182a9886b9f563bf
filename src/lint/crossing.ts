import type { Place } from '../model/scenario.ts';
import type { LintSystem } from './system.ts';

/** Whether the scenario expects callers to be served by another cluster than their own. */
export function crossesClusters({ scenario, live }: LintSystem): boolean {
  const clustersAt = (place: Place): string[] => {
    const at = live.pods.filter(({ locality }) =>
      'zone' in place ? locality.zone === place.zone : locality.region === place.region,
    );
    return [...new Set(at.map(({ cluster }) => cluster))];
  };
  return (scenario?.expect.failoverOrder ?? []).some(({ from, order }) => {
    const home = clustersAt(from);
    return home.length > 0 && order.some(({ place }) => clustersAt(place).some((cluster) => !home.includes(cluster)));
  });
}
