import type { Micros } from '../../../model/units.ts';
import { RemoteClock } from './clock.ts';
import { Slots } from './numbering.ts';

/** What the REST interface of a k6 said, asked for and answered at these times of ours. */
export type Reading = {
  readonly asked: Micros;
  readonly answered: Micros;
  /** How long this k6 has been running; undefined as long as it cannot say. */
  readonly elapsed: Micros | undefined;
  /** Iterations dropped so far, scenario by scenario. */
  readonly drops: readonly number[];
};

/** The iterations of one path in one k6. */
export type Lane = {
  readonly slots: Slots;
  /** Places before this one lie before the window that counts. */
  first: number;
  /** Among the k6 processes that share the path, in the order in which they begin. */
  rank: number;
  /** Drops that were known when the window opened. */
  earlierDrops: number;
  /** Drops that were counted while they happened. */
  toldDrops: number;
};

/** One k6 process, here or in a pod. */
export class Source {
  readonly name: string;
  readonly clock = new RemoteClock();
  readonly lanes: readonly Lane[];

  /** `interval` lies between two iterations of one path in this k6. */
  constructor(name: string, paths: number, interval: Micros) {
    this.name = name;
    this.lanes = Array.from({ length: paths }, () => {
      return { slots: new Slots(interval), first: 0, rank: 0, earlierDrops: 0, toldDrops: 0 };
    });
  }

  /** Every path has sent something, and its times can be put on ours. */
  get running(): boolean {
    return this.clock.known && this.lanes.every(({ slots }) => slots.plan !== Number.POSITIVE_INFINITY);
  }

  /** Run time of the first place of a path's window. */
  opens({ slots, first }: Lane): Micros {
    return this.clock.zero + slots.due(first);
  }
}

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
