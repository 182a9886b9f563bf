import type { CallersPlace, Place } from '../../model/place.ts';
import type { Expectations } from '../../model/scenario.ts';
import type { Ratio } from '../../model/units.ts';

/** What share of their calls of a service callers of one zone make to each place, give or take `tolerance`. */
export type CallShares = {
  readonly service: string;
  readonly from: CallersPlace;
  readonly to: readonly { readonly place: Place; readonly share: Ratio }[];
  readonly tolerance: Ratio;
};

/** The clause `shares` of the expectations. */
export function callSharesOf(expect: Expectations): readonly CallShares[] {
  return (expect.shares as readonly CallShares[] | undefined) ?? [];
}

/** How many comparisons a run can fail by chance: each place, and what is left, before the faults and after, can have too much or too little. */
export function shareComparisons(expect: Expectations): number {
  return callSharesOf(expect).reduce((sum, { to }) => sum + 4 * (to.length + 1), 0);
}
