import type { Expectations } from './scenario.ts';
import type { Millis } from './units.ts';

/** An alert that must tell of the fault. */
export type AlertObjective = {
  /** Its `alertname`. */
  readonly rule: string;
  /** Labels that it must have, values compared as a whole. */
  readonly labels: Readonly<Record<string, string>>;
  /** From the fault's effect. */
  readonly firesWithinMs?: Millis;
  /** From the end of the undo. */
  readonly resolvesWithinMs?: Millis;
  /** No other alert may begin to fire. */
  readonly onlyThese: boolean;
};

/** The alerts that a scenario asks for. */
export function alertsOf(expect: Expectations): readonly AlertObjective[] {
  return (expect.alert as readonly AlertObjective[] | undefined) ?? [];
}

/** What is firing of an alert, as a query (Prometheus writes a series ALERTS for each active alert). `labels` narrow it. */
export function firingQuery(rule: string, labels: AlertObjective['labels'] = {}): string {
  const matchers = [['alertname', rule], ...Object.entries(labels), ['alertstate', 'firing']];
  return `ALERTS{${matchers.map(([name, value]) => `${name}=${JSON.stringify(value)}`).join(',')}}`;
}

/** Every alert that is firing, by its name. */
export const ALL_FIRING = 'count by (alertname) (ALERTS{alertstate="firing"})';
