import type { Ratio } from '../../model/units.ts';

/** What counts as home when the scenario does not say: this share of the calls is served in the caller's own zone. */
export const OWN_ZONE: Ratio = 0.99;

/** A caller that is home may still stray this often. */
export const STRAY_SHARE: Ratio = 1 - OWN_ZONE;
