import { betaCdf, binomialTail } from './beta.ts';
import { PASS_RISK, upperLimit } from './share.ts';

/** Bad ones among all. */
export type Count = { readonly bad: number; readonly all: number };

/**
 * The chance that at least as many of all bad ones fall into `during` by luck, when both have the same rate: the exact
 * conditional test of two Poisson rates (Przyborowski and Wilenski 1940), which for shares errs on the safe side.
 * 1 where there is nothing to compare.
 */
export function chanceOfMore(before: Count, during: Count): number {
  if (during.bad <= 0 || before.all <= 0 || during.all <= 0) return 1;
  return betaCdf(during.all / (before.all + during.all), during.bad, before.bad + 1);
}

/** Normal enough to tell what is common from what is rare. */
const MANY = 25;
/** Where so many are expected, as many as two standard deviations more come about once in fifty times. */
const COMMON_RISK = 0.01;

/**
 * Whether the chance of as many in `during` is at least `risk`, which is quickly told where they are not many more than
 * expected; the exact test at each of millions of requests would take a minute.
 */
export function chanceExplains(before: Count, during: Count, risk: number): boolean {
  const share = during.all / (before.all + during.all);
  const expected = share * (before.bad + during.bad);
  const variance = expected * (1 - share);
  if (risk <= COMMON_RISK && variance >= MANY && during.bad <= expected + 2 * Math.sqrt(variance) - 1) return true;
  return chanceOfMore(before, during) >= risk;
}

/** The highest rate of noise that goes with what was seen, at 97.5 %. */
export function noiseLimit({ bad, all }: Count): number {
  return upperLimit(bad, all, PASS_RISK);
}

/**
 * At most the chance that noise of rate `noise` brings about, anywhere among `among` requests, a group of at least `bad`
 * bad ones within `span` requests, the first and the last of which are bad.
 */
export function chanceOfGroup(group: { bad: number; span: number }, noise: number, among: number): number {
  return Math.min(1, among * noise * binomialTail(group.bad - 1, Math.max(group.bad - 1, group.span - 1), noise));
}
