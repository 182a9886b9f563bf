import type { CallersPlace, Place } from '../../model/place.ts';
import type { Ratio } from '../../model/units.ts';

/** What share of their calls of a service callers of one zone make to each place, give or take `tolerance`. */
export type CallShares = {
  readonly service: string;
  readonly from: CallersPlace;
  readonly to: readonly { readonly place: Place; readonly share: Ratio }[];
  readonly tolerance: Ratio;
};
