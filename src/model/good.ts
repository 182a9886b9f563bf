import { type Chain, LATE, type RequestRecord } from './record.ts';
import type { GoodRequest, Load, StatusRange } from './scenario.ts';
import type { Millis } from './units.ts';

/** What is good on a path. Paths of one rule have one index; that of the load's own rule is 0. */
export type PathRule = { readonly index: number; readonly good: GoodRequest };

/** The rules of a load, by index, and the one of each path by the name of its request. */
export type Rules = { readonly all: readonly GoodRequest[]; readonly of: (name: string) => PathRule };

export function rulesOf({ good, paths }: Pick<Load, 'good' | 'paths'>): Rules {
  const standard: PathRule = { index: 0, good };
  const own = paths.flatMap((path) => (path.good === undefined ? [] : [{ name: path.name, good: path.good }]));
  const byName = new Map(
    own.map(({ name, good: other }, at): [string, PathRule] => [name, { index: at + 1, good: other }]),
  );
  return { all: [good, ...own.map((one) => one.good)], of: (name) => byName.get(name) ?? standard };
}

/** Name of the request that a path sends, by the path's id. */
export function requestOf(id: string): string {
  return id.slice(0, id.indexOf('@'));
}

/** Every service that a good answer of some path names, in call order where that is one. */
export function servicesOf(load: Pick<Load, 'good' | 'paths'>): string[] {
  return [...new Set(rulesOf(load).all.flatMap(({ chain }) => chain))];
}

/** The shortest of the longest good latencies: what stands still for longer makes some request bad. */
export function shortestGood(load: Pick<Load, 'good' | 'paths'>): Millis {
  return Math.min(...ownRules(load).map(({ latencyMs }) => latencyMs));
}

/** The longest good latency of any path. */
export function longestGood(load: Pick<Load, 'good' | 'paths'>): Millis {
  return Math.max(...ownRules(load).map(({ latencyMs }) => latencyMs));
}

/** What is good on each path; the load's own rule where there is none. */
function ownRules({ good, paths }: Pick<Load, 'good' | 'paths'>): readonly GoodRequest[] {
  return paths.length === 0 ? [good] : paths.map((path) => path.good ?? good);
}

/** Every status that is good, as ranges. */
export function statusRanges({ status }: GoodRequest): readonly StatusRange[] {
  return typeof status === 'number' ? [{ from: status, to: status }] : status;
}

/** Whether a status is that of a good answer. */
export function isGoodStatus(status: number, { status: good }: GoodRequest): boolean {
  return typeof good === 'number' ? status === good : good.some(({ from, to }) => status >= from && status <= to);
}

/**
 * Whether a chain is the one a good request has: the services of `good.chain` in that order and nothing left over.
 * Where the scenario names no services there is nothing to compare, and every response is complete; so it is with a hop of
 * which nobody knows the service.
 */
export function isCompleteChain(chain: Chain | undefined, good: GoodRequest): boolean {
  const services = good.chain;
  if (services.length === 0) return true;
  if (chain === undefined || chain.rest !== '' || chain.hops.length !== services.length) return false;
  return chain.hops.every(({ service }, i) => service === '' || service === services[i]);
}

/**
 * Whether a request was served: a whole response with the expected status, the complete chain and, as far as the engine
 * has looked, the expected content, however late. What was wrong with the content stands in the text of the record.
 */
export function isServed(record: RequestRecord, complete: boolean, good: GoodRequest): boolean {
  return complete && record.ended === 'response' && isGoodStatus(record.status, good) && record.text < 0;
}

/** Whether a request ended within the latency of a good one, counted from the due time. */
export function isInTime(record: RequestRecord, good: GoodRequest): boolean {
  return record.end - record.due <= good.latencyMs * 1000;
}

/**
 * Whether it would have been good, or could have been, had it been sent when it was due. A timeout counts from the due
 * time, so one that was sent half its good latency late was given up before its target could answer.
 */
export function isSentLate({ due, start, end, error }: RequestRecord, served: boolean, good: GoodRequest): boolean {
  const limit = good.latencyMs * 1000;
  if (!served && error !== 'timeout') return false;
  return start - due > (served ? LATE : limit / 2) && end - start <= limit;
}

/**
 * Whether a request was good by the scenario's own rule: served, and in time. `chain` is the one `record.chain` points at.
 * A dropped request is never good; whether it counts as bad or as unknown is the caller's decision.
 */
export function isGood(record: RequestRecord, chain: Chain | undefined, good: GoodRequest): boolean {
  return isInTime(record, good) && isServed(record, isCompleteChain(chain, good), good);
}
