import type { HistoryEvent } from '../model/history.ts';
import type { RunResult } from '../model/result.ts';
import { Case } from './facts/case.ts';
import { Listeners } from './facts/listeners.ts';
import { Collector } from './ingest/collector.ts';
import { RecordDecoder } from './ingest/decode.ts';
import { resultOf } from './result/result.ts';
import { readFacts } from './timeline/history.ts';
import { stagesOf } from './timeline/stages.ts';
import { segmentsOf, windowsOf } from './timeline/windows.ts';

export { RecordDecoder } from './ingest/decode.ts';

/**
 * Judges a run from its history and the bytes of its request records (docs/verdict.md). A pure function: the same input
 * gives the same result, on any machine. A torn or missing part gives a result too, never a pass by default. Memory does
 * not grow with the number of records. Rejects only when reading `records` fails or `signal` is aborted.
 */
export async function analyze(
  history: readonly HistoryEvent[],
  records: AsyncIterable<Uint8Array>,
  options: { readonly signal?: AbortSignal } = {},
): Promise<RunResult> {
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
  collector.finish();
  return resultOf(new Case(facts, { windows, segments, stages }, collector, listeners));
}
