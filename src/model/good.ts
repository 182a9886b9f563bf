import type { Chain, RequestRecord } from './record.ts';
import type { GoodRequest } from './scenario.ts';

/**
 * Whether a chain is the one a good request has: the services of `good.chain` in that order and nothing left over.
 * Where the scenario names no services there is nothing to compare, and every response is complete.
 */
export function isCompleteChain(chain: Chain | undefined, good: GoodRequest): boolean {
  const services = good.chain;
  if (services.length === 0) return true;
  if (chain === undefined || chain.rest !== '' || chain.hops.length !== services.length) return false;
  return chain.hops.every((hop, i) => hop.service === services[i]);
}

/** Whether a request was served: a whole response with the expected status and the complete chain, however late. */
export function isServed(record: RequestRecord, complete: boolean, good: GoodRequest): boolean {
  return complete && record.outcome === 'response' && record.status === good.status;
}

/** Whether a request ended within the latency of a good one, counted from the due time. */
export function isInTime(record: RequestRecord, good: GoodRequest): boolean {
  return record.end - record.due <= good.latencyMs * 1000;
}

/**
 * Whether a request was good by the scenario's own rule: served, and in time. `chain` is the one `record.chain` points at.
 * A dropped request is never good; whether it counts as bad or as unknown is the caller's decision.
 */
export function isGood(record: RequestRecord, chain: Chain | undefined, good: GoodRequest): boolean {
  return isInTime(record, good) && isServed(record, isCompleteChain(chain, good), good);
}
