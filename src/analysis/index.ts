import type { HistoryEvent } from '../model/history.ts';
import type { RunResult } from '../model/result.ts';
import { OBJECTIVES } from './objectives/index.ts';
import { type Options, openCase, type Records } from './open-case.ts';
import { resultOf } from './result/result.ts';

export { RecordDecoder } from './ingest/decode.ts';
export { steadyStateOf } from './result/steady.ts';

/**
 * Judges a run from its history and the bytes of its request records (docs/verdict.md). A pure function: the same input
 * gives the same result, on any machine. A torn or missing part gives a result too, never a pass by default. Memory does
 * not grow with the number of records. By the objectives of this version, unless others are given. Rejects only when
 * reading `records` fails or `signal` is aborted.
 */
export async function analyze(
  history: readonly HistoryEvent[],
  records: Records,
  options: Options = {},
): Promise<RunResult> {
  return resultOf(await openCase(history, records, options), options.objectives ?? OBJECTIVES);
}
