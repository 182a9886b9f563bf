import type { HistoryEvent } from '../model/history.ts';
import { Case } from './facts/case.ts';
import { Listeners } from './facts/listeners.ts';
import { Collector } from './ingest/collector.ts';
import { RecordDecoder } from './ingest/decode.ts';
import { readProxyCalls } from './ingest/proxy-calls.ts';
import { OBJECTIVES } from './objectives/index.ts';
import { comparisonsOf } from './objectives/judge.ts';
import type { Criterion } from './objectives/objective.ts';
import { readFacts } from './timeline/history.ts';
import { stagesOf } from './timeline/stages.ts';
import { segmentsOf, windowsOf } from './timeline/windows.ts';

/** The bytes of a record file, cut anywhere. A chunk is read before the next is asked for, so its memory may be reused. */
export type Records = AsyncIterable<Uint8Array>;
export type Options = {
  readonly signal?: AbortSignal;
  /** Those of this version when absent. */
  readonly objectives?: readonly Criterion[];
};

/** Reads a run and counts what is in it; nothing is judged yet. Rejects as `analyze` does. */
export async function openCase(
  history: readonly HistoryEvent[],
  records: Records,
  options: Options = {},
): Promise<Case> {
  const facts = readFacts(history);
  const stages = stagesOf(facts);
  const windows = windowsOf(facts);
  const segments = segmentsOf(facts, stages, windows);
  const listeners = new Listeners(facts, stages, windows, segments);
  const collector = new Collector(facts, windows, segments, listeners);
  const decoder = new RecordDecoder(collector);
  for await (const chunk of records) {
    options.signal?.throwIfAborted();
    decoder.push(chunk);
  }
  decoder.end();
  readProxyCalls(facts, segments, collector, listeners);
  collector.finish();
  const comparisons = comparisonsOf(facts.header.scenario, options.objectives ?? OBJECTIVES);
  return new Case(facts, { windows, segments, stages }, collector, listeners, comparisons);
}
