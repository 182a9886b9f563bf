import { isCompleteChain, isGood, isSentLate, isServed } from '../model/good.ts';
import type { Chain, RequestRecord } from '../model/record.ts';
import type { GoodRequest } from '../model/scenario.ts';

/** What a request shows while the load goes on; `unknown`: it was not good, and that was its generator's own doing. */
export type Standing = 'good' | 'bad' | 'unknown';

/**
 * What a request that was sent shows by itself. `chain` is the one `record.chain` points at. The analysis knows more: of the
 * requests around it, and of stretches in which somebody stood still.
 */
export function standingOf(record: RequestRecord, chain: Chain | undefined, good: GoodRequest): Standing {
  if (isGood(record, chain, good)) return 'good';
  if (record.error === 'script') return 'unknown';
  return isSentLate(record, isServed(record, isCompleteChain(chain, good), good), good) ? 'unknown' : 'bad';
}
