import type { Load } from '../../../model/scenario.ts';
import type { Path } from '../../../model/target.ts';
import type { Cut } from './cuts.ts';
import type { ServingPod } from './serving.ts';

/**
 * Delays as the load finds them at the gateways, which it calls itself: packets that wait are waited for once for each round
 * trip. A new connection takes one more for TCP, and for TLS two (RFC 5246; one with TLS 1.3). Between proxies connections are kept.
 */
export function withRoundTrips(
  cuts: readonly Cut[],
  gateways: readonly ServingPod[],
  { connections }: Pick<Load, 'connections'>,
  paths: readonly Pick<Path, 'protocol'>[],
): Cut[] {
  if (connections === 'kept') return [...cuts];
  const trips = paths.some(({ protocol }) => protocol === 'https') ? 4 : 2;
  const doors = new Set(gateways.map(({ key }) => key));
  return cuts.flatMap((cut): Cut[] => {
    const { to, by, afterMs, perTrip } = cut;
    if (perTrip === undefined || afterMs === undefined || to === undefined || by !== undefined) return [cut];
    const part = (isDoor: boolean) => new Set([...to].filter((key) => doors.has(key) === isDoor));
    const parts = [
      { ...cut, to: part(true), afterMs: afterMs * trips },
      { ...cut, to: part(false) },
    ];
    return parts.filter((one) => one.to.size > 0);
  });
}
