import type { Micros } from '../../../model/units.ts';

/** What the REST interface of a k6 said, asked for and answered at these times of ours. */
export type Reading = {
  readonly asked: Micros;
  readonly answered: Micros;
  /** How long this k6 has been running; undefined as long as it cannot say. */
  readonly elapsed: Micros | undefined;
  /** Iterations dropped so far, scenario by scenario. */
  readonly drops: readonly number[];
};

/** Reads the answer of `GET /v1/metrics` (k6 v2): the rate of a counter is its count over the time the test has run. */
export function readMetrics(text: string, scenarios: readonly string[]): Pick<Reading, 'elapsed' | 'drops'> {
  const samples = new Map(metricsOf(text).map(({ id, attributes }) => [id, attributes?.sample]));
  const read = (id: string, field: 'count' | 'rate') => numberOf(samples.get(id)?.[field]);
  const elapsed = numberOf((read('iterations', 'count') / read('iterations', 'rate')) * 1_000_000);
  return {
    elapsed: elapsed > 0 ? elapsed : undefined,
    drops: scenarios.map((name) => read(`dropped_iterations{scenario:${name}}`, 'count')),
  };
}

type Metric = { id?: unknown; attributes?: { sample?: { count?: unknown; rate?: unknown } } };

function metricsOf(text: string): Metric[] {
  try {
    const { data } = JSON.parse(text) as { data?: unknown };
    return Array.isArray(data) ? data.filter((one) => typeof one === 'object' && one !== null) : [];
  } catch {
    return [];
  }
}

function numberOf(value: unknown): number {
  return Number.isFinite(value) ? (value as number) : 0;
}
