import type { Noise, Risk } from '../facts/risk.ts';

const NOTHING: Noise = { bad: 0, all: 0, largest: 0, burst: 1, errors: { bad: 0, largest: 0, burst: 1 } };

/** The risks of a run whose baseline had no errors. */
export const plainRisk = (fail: number): Risk => ({
  fail,
  pass: 0.025,
  allowed: 0.01,
  before: NOTHING,
  isCommon: false,
  beforeOf: () => NOTHING,
  rateOf: () => 0,
});
