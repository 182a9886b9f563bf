import type { Finding } from '../../model/finding.ts';
import { findingOf, type Handmade, judged } from './handmade.ts';
import type { HistoryBuilder } from './history-builder.ts';
import { allRead, counter } from './proxies.ts';

/** What the calling proxies tell of their counters. */
export type Tell = (history: HistoryBuilder) => void;

/** What readings did not say once. */
export const OLD_FORMAT = { port: undefined, namespace: undefined, podNamespace: undefined } as const;

/** What is said of the ejections of mockb in a run whose proxies tell something. */
export async function found(
  rule: { atLeast?: number; atMost?: number },
  tell: Tell,
  run: Handmade = {},
): Promise<Finding> {
  const ejections = [{ service: 'mockb', ...rule }];
  return findingOf(await judged({ ...run, expect: { ejections }, events: tell }), 'ejections/mockb');
}

/** What was counted: at least, and at most. */
export async function counted(tell: Tell, run: Handmade = {}): Promise<readonly [number, number | null]> {
  const { measured } = await found({ atLeast: 1 }, tell, run);
  return [measured?.lo ?? -1, measured?.hi ?? null];
}

/** Every proxy was read, and they tell something. */
export const read =
  (tell: Tell): Tell =>
  (history) => {
    allRead(history);
    tell(history);
  };

/** Two counters that are read in turn, once a second over the whole run. */
export function inTurn(history: HistoryBuilder, one: [number, object], two: [number, object]): void {
  for (let t = 1; t < 44; t++) {
    counter(history, [[t, one[0]]], one[1]);
    counter(history, [[t + 0.3, two[0]]], two[1]);
  }
}
