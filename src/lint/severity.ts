import type { Severity } from './finding.ts';
import type { Call, Sureness } from './system.ts';

const RANK: Readonly<Record<Sureness, Severity>> = { known: 'error', configured: 'warning', possible: 'info' };

/** A call that is known to be made is an error; one that somebody has configured a warning; one that may be made is worth knowing. */
export function severityOf(calls: readonly Pick<Call, 'sureness'>[]): Severity {
  const order = ['known', 'configured', 'possible'] as const;
  const best = order.find((one) => calls.some(({ sureness }) => sureness === one)) ?? 'possible';
  return RANK[best];
}
