import type { LoadProgress } from '../model/ports.ts';
import type { Chain } from '../model/record.ts';
import type { Micros } from '../model/units.ts';
import type { Standing } from './standing.ts';

type PathProgress = LoadProgress['paths'][number];
type Bucket = { id: number; good: number; bad: number; readonly serving: Map<number, number> };
type Counters = {
  due: number;
  good: number;
  bad: number;
  unknown: number;
  dropped: number;
  readonly buckets: readonly Bucket[];
};

const BUCKET: Micros = 250_000;
/** Eight quarters of a second: the two seconds of the rolling view. */
const BUCKETS = 8;

/** Counts since the start and over about the last two seconds, for each path. */
export class RollingView {
  readonly #ids: readonly string[];
  readonly #chainAt: (index: number) => Chain | undefined;
  readonly #paths: readonly Counters[];

  constructor(ids: readonly string[], chainAt: (index: number) => Chain | undefined) {
    this.#ids = ids;
    this.#chainAt = chainAt;
    this.#paths = ids.map(() => ({
      due: 0,
      good: 0,
      bad: 0,
      unknown: 0,
      dropped: 0,
      buckets: Array.from({ length: BUCKETS }, bucket),
    }));
  }

  due(path: number): void {
    this.#of(path).due += 1;
  }

  /** One of those that were due was not sent. */
  dropped(path: number): void {
    this.#of(path).dropped += 1;
  }

  /** An answer or an error at the time `end`. `chain` is -1 when there is none. */
  settled(path: number, standing: Standing, chain: number, end: Micros): void {
    const counters = this.#of(path);
    const current = bucketAt(counters, end);
    if (standing === 'good') {
      counters.good += 1;
      current.good += 1;
      current.serving.set(chain, (current.serving.get(chain) ?? 0) + 1);
    } else {
      counters.bad += 1;
      if (standing === 'unknown') counters.unknown += 1;
      current.bad += 1;
    }
  }

  snapshot(now: Micros): PathProgress[] {
    const oldest = Math.floor(now / BUCKET) - BUCKETS;
    return this.#paths.map(({ due, good, bad, unknown, dropped, buckets }, path) => {
      const recent = buckets.filter((b) => b.id > oldest);
      return {
        path: this.#ids[path] ?? '',
        sent: due - dropped,
        good,
        bad,
        unknown,
        dropped,
        recentGood: recent.reduce((sum, b) => sum + b.good, 0),
        recentBad: recent.reduce((sum, b) => sum + b.bad, 0),
        recentServing: this.#serving(recent),
      };
    });
  }

  #serving(recent: readonly Bucket[]): Record<string, Record<string, number>> {
    const serving = new Map<string, Map<string, number>>();
    for (const { serving: counts } of recent) {
      for (const [index, count] of counts) {
        for (const hop of this.#chainAt(index)?.hops ?? []) {
          // What an answer does not tell is looked up later, by the analysis.
          if (hop.service === '' || hop.zone === '') continue;
          const zones = serving.get(hop.service) ?? new Map<string, number>();
          serving.set(hop.service, zones.set(hop.zone, (zones.get(hop.zone) ?? 0) + count));
        }
      }
    }
    return Object.fromEntries([...serving].map(([service, zones]) => [service, Object.fromEntries(zones)]));
  }

  #of(path: number): Counters {
    const counters = this.#paths[path];
    if (counters === undefined) throw new RangeError(`no path ${path}`);
    return counters;
  }
}

function bucket(): Bucket {
  return { id: -1, good: 0, bad: 0, serving: new Map() };
}

function bucketAt(counters: Counters, end: Micros): Bucket {
  const id = Math.floor(end / BUCKET);
  const current = counters.buckets[id % BUCKETS] as Bucket;
  if (current.id !== id) {
    current.id = id;
    current.good = 0;
    current.bad = 0;
    current.serving.clear();
  }
  return current;
}
