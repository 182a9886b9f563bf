import type { HistoryEvent } from '../model/history.ts';
import type { RunResult } from '../model/result.ts';
import { Collector } from './collector.ts';
import { RecordDecoder } from './decode.ts';
import { readFacts } from './facts.ts';
import { resultOf } from './result.ts';

export { RecordDecoder } from './decode.ts';

/**
 * Judges a run from its history and the bytes of its request records. A pure function: the same input gives the same
 * result, on any machine. A torn or missing part gives a result too, never a pass by default. Memory does not grow
 * with the number of records. Rejects only when reading `records` fails or `signal` is aborted.
 */
export async function analyze(
  history: readonly HistoryEvent[],
  records: AsyncIterable<Uint8Array>,
  options: { readonly signal?: AbortSignal } = {},
): Promise<RunResult> {
  const collector = new Collector(readFacts(history));
  const decoder = new RecordDecoder(collector);
  for await (const chunk of records) {
    options.signal?.throwIfAborted();
    decoder.push(chunk);
  }
  decoder.end();
  collector.finish();
  return resultOf(collector);
}
