import type { RequestRecord } from '../../model/record.ts';
import type { Expectations } from '../../model/scenario.ts';
import type { Millis, Ratio } from '../../model/units.ts';
import type { PathStream } from '../ingest/path.ts';
import type { Segment, Window, Windows } from '../timeline/windows.ts';
import { BlockCounts } from './blocks.ts';

/** The part of a run that a promise is about: before the fault, under it, after its undo was asked for. */
type PromisedPhase = 'baseline' | 'hold' | 'recover';

/** The clause `latency` of the expectations: a quantile of the latency of a request, or of all. */
export type LatencyPromise = {
  /** Name of the request; absent: all of them. */
  readonly path?: string;
  readonly phase: PromisedPhase;
  readonly quantile: Ratio;
  readonly limitMs: Millis;
};

export function latencyPromises(expect: Expectations): readonly LatencyPromise[] {
  return (expect.latency as readonly LatencyPromise[] | undefined) ?? [];
}

const PHASE_OF: Readonly<Record<Segment['part'], PromisedPhase | undefined>> = {
  ahead: undefined,
  baseline: 'baseline',
  stage: 'hold',
  home: 'recover',
};

/** Of one promise: who kept it, and who would have had the generator sent every request when it was due. */
type Kept = { readonly counts: BlockCounts; readonly atBest: BlockCounts; readonly window: Window };
type Counter = Kept & { readonly promise: LatencyPromise };

/**
 * How many requests kept each promised latency. A quantile is at most a limit exactly where so large a share of the requests
 * is no slower: a few counters for each second are enough, and nothing is assumed of the distribution.
 */
export class LatencyPromiseBook {
  readonly #counters: readonly Counter[];

  /** `end`: the end of the run. */
  constructor(promises: readonly LatencyPromise[], windows: Windows, end: number) {
    this.#counters = promises.flatMap((promise) => {
      const window = { baseline: windows.baseline, hold: windows.faulted, recover: windows.home }[promise.phase];
      if (window === undefined) return [];
      const within = { start: window.start, end: Math.max(window.start, Math.min(window.end, end)) };
      return [{ promise, window: within, counts: new BlockCounts(within), atBest: new BlockCounts(within) }];
    });
  }

  /** A request that was answered, or failed; one that was not served was slower than any limit. */
  add(path: PathStream, { part }: Segment, record: RequestRecord, served: boolean): void {
    for (const { promise, counts, atBest } of this.#counters) {
      if (promise.phase !== PHASE_OF[part] || (promise.path !== undefined && promise.path !== path.name)) continue;
      const limit = promise.limitMs * 1000;
      counts.add(path, record.due, 1, served && record.end - record.due <= limit ? 1 : 0);
      atBest.add(path, record.due, 1, served && record.end - record.start <= limit ? 1 : 0);
    }
  }

  /** Undefined where the run has no such phase. */
  of(promise: LatencyPromise): Kept | undefined {
    return this.#counters.find((counter) => counter.promise === promise);
  }
}
