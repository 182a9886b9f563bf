import { isAt, isByLocality, isSamePlace, type Place, type Whereabouts } from '../../model/place.ts';
import type { FailoverOrder } from '../../model/scenario.ts';
import type { Ratio } from '../../model/units.ts';

type Order = Pick<FailoverOrder, 'from' | 'order'>;

/**
 * Where callers of an order are served when nothing fails: in their own zone, and, where the order begins with a place that
 * is no zone or region, there.
 */
export function homeOf({ from, order }: Order): Place {
  const first = order[0]?.place;
  if (first === undefined || 'region' in first) return from;
  return 'zone' in first && first.zone !== from.zone ? from : first;
}

/** How many rungs stand before the declared ones: the callers' own zone does, wherever an order goes by zones and regions. */
function implied({ order }: Order): 0 | 1 {
  const first = order[0]?.place;
  return first === undefined || isByLocality(first) ? 1 : 0;
}

/** The places of the rungs, home first. */
export function placesOf(order: Order): Place[] {
  const declared = order.order.map(({ place }) => place);
  return implied(order) === 0 ? declared : [homeOf(order), ...declared];
}

/** Which rung of a declared order a pod is on, home being 0; -1 is nowhere in the order, undefined where nobody knows. */
export function rungOf(order: Order, where: Whereabouts): number | undefined {
  for (const [rung, place] of placesOf(order).entries()) {
    const isHere = isAt(where, place);
    if (isHere !== false) return isHere === undefined ? undefined : rung;
  }
  return -1;
}

/** The share that a scenario asks of a rung; for home it does so only where home stands in the order. */
export function declaredShare(order: Order, rung: number): { readonly share: Ratio; readonly isStrict: boolean } {
  const row = order.order[Math.max(0, rung - implied(order))];
  const isStrict = rung === 0 && row !== undefined && isSamePlace(row.place, homeOf(order));
  return { share: row?.shareAtLeast ?? 1, isStrict };
}
