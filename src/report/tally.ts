import type { Tally } from '../model/result.ts';
import { formatNumber, shareText } from './format.ts';

/** Requests that were sent and say something about the target. */
export function sentOf({ good, bad }: Tally): number {
  return good + bad;
}

/** Several tallies as one. */
export function tallySum(tallies: readonly Tally[]): Tally {
  return tallies.reduce(
    (sum, { good, bad, unknown }) => ({
      good: sum.good + good,
      bad: sum.bad + bad,
      unknown: sum.unknown + unknown,
    }),
    { good: 0, bad: 0, unknown: 0 },
  );
}

/** `0.1% (1 of 1,205) bad, 3 unknown` */
export function tallyText(tally: Tally): string {
  const unknown = tally.unknown === 0 ? '' : `, ${formatNumber(tally.unknown, 0)} unknown`;
  return `${shareText(tally.bad, sentOf(tally))} bad${unknown}`;
}

/** What the words of a tally mean. */
export const TALLY_WORDS =
  'Sent is good and bad. Unknown says nothing about the target and is counted apart: dropped by the load generator, without a record, late only because it was sent late, or bad while the target itself stood still. Doubtful are bad requests that the noise of the baseline may explain.';
