import { type AlertObjective, alertsOf, firingQuery } from '../../model/alert.ts';
import { messageOf } from '../../model/errors.ts';
import type { Prometheus } from '../../model/ports.ts';
import type { Guard } from './guard.ts';
import { unasked } from './unasked.ts';

/** A fault is not injected for an alert that nobody could tell of, or that fires already and so would prove nothing. */
export const alerts: Guard = {
  name: 'alerts',
  check: async ({ inputs: { scenario, prometheus, target }, topology }) => {
    const asked = alertsOf(scenario.expect);
    if (asked.length === 0) return [];
    if (prometheus === undefined) return [unasked('what spec.expect.alert asks', target, topology)];
    const found = await Promise.all(asked.map(async (one) => checkOne(one, prometheus)));
    return found.flatMap((one) => (one === undefined ? [] : [{ refused: true, ...one }]));
  },
};

/** Why nothing can be learnt from an alert now, or undefined. */
async function checkOne(
  { rule, labels }: AlertObjective,
  prometheus: Prometheus,
): Promise<{ readonly detail: string; readonly hint: string } | undefined> {
  try {
    const { samples, warnings } = await prometheus.ask(firingQuery(rule, labels));
    const [first] = samples;
    if (warnings[0] !== undefined) throw new Error(`the answer has a warning: ${warnings[0]}`);
    if (first === undefined) return undefined;
    return {
      detail: `alert ${rule} fires already, ${first.labels}: it would prove nothing`,
      hint: 'Wait until it is over, or narrow it by its labels (expect.alert.labels).',
    };
  } catch (error) {
    return { detail: `alert ${rule}: ${messageOf(error)}`, hint: 'Correct spec.prometheus of the targets file.' };
  }
}
