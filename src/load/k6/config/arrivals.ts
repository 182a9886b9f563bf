import type { Load } from '../../../model/scenario.ts';
import type { Millis } from '../../../model/units.ts';

/** Requests of one path that may be on their way at once, however long the timeout. */
const MAX_IN_FLIGHT = 2000;

/** How often one k6 scenario begins an iteration. */
export type Timing = {
  /** Between two iterations. */
  readonly intervalNs: number;
  /** Of the first iteration, after the beginning of the test. */
  readonly offsetNs: number;
};

/** Of k6 scenarios with these rates per second: those of one rate are shifted against each other, and never fire together. */
export function timingsOf(rates: readonly number[]): Timing[] {
  const seen = new Map<number, number>();
  return rates.map((rate) => {
    const rank = seen.get(rate) ?? 0;
    seen.set(rate, rank + 1);
    const intervalNs = Math.round(1e9 / rate);
    const alike = rates.filter((other) => other === rate).length;
    return { intervalNs, offsetNs: Math.round((rank * intervalNs) / alike) };
  });
}

/** One k6 scenario: the open model with so many virtual users. */
export function arrivals(
  { timeoutMs }: Pick<Load, 'timeoutMs'>,
  { intervalNs, offsetNs }: Timing,
  { users, longestMs, env }: { users: number; longestMs: Millis; env: Readonly<Record<string, string>> },
): Record<string, unknown> {
  return {
    executor: 'constant-arrival-rate',
    exec: 'send',
    rate: 1,
    timeUnit: `${intervalNs}ns`,
    duration: `${Math.ceil(longestMs)}ms`,
    startTime: `${offsetNs}ns`,
    preAllocatedVUs: users,
    maxVUs: users,
    gracefulStop: `${Math.ceil(timeoutMs)}ms`,
    env,
  };
}

/** Virtual users of a path of this rate: enough for every request to wait out its timeout, and a quarter more. */
export function capacity({ timeoutMs }: Pick<Load, 'timeoutMs'>, ratePerSecond: number): number {
  return Math.min(Math.ceil((ratePerSecond * timeoutMs * 1.25) / 1000), MAX_IN_FLIGHT);
}
