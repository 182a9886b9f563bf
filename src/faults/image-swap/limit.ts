import type { Millis } from '../../model/units.ts';

/** A rollout pulls an image; beyond this the fault counts as not proven. */
export const LIMIT_MS: Millis = 90_000;
