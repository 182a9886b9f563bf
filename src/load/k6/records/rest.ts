import { hrtimeMicros } from '../../clock.ts';
import { type Reading, readMetrics } from './metrics.ts';

const METRICS = '/v1/metrics';
/** "Everything is ready, and the test is paused." */
const PAUSED = 4;

/** Where a k6 (v2) tells over its REST interface how it is, and is told. */
export const STATUS = '/v1/status';

/** Whether an answer of STATUS says that every virtual user is there and the test waits. */
export function isWaiting(answer: unknown): boolean {
  return (answer as { data?: { attributes?: { status?: unknown } } } | null)?.data?.attributes?.status === PAUSED;
}

/** The body of a PATCH of STATUS: `paused: false` lets a test begin, `stopped` ends it. */
export function statusChange(attributes: { readonly paused: false } | { readonly stopped: true }) {
  return { data: { type: 'status', id: 'default', attributes } };
}

/** Asks a k6 how far it is. One that does not answer tells nothing. */
export async function takeReading(
  ask: (path: string) => Promise<string>,
  scenarios: readonly string[],
): Promise<Reading> {
  const asked = hrtimeMicros();
  const text = await ask(METRICS).catch(() => '');
  const answered = hrtimeMicros();
  return { asked, answered, ...readMetrics(text, scenarios) };
}
