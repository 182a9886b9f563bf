import { cutTo } from './cut.ts';
import { formatDuration, type Micros, type Millis, type Ratio } from './units.ts';

/** When a run is ended before its time, and undone. */
export type AbortCondition =
  /** More than this share of the requests of a window were bad. `path`: of which request; absent: of all together. */
  | { readonly kind: 'errorShare'; readonly path?: string; readonly above: Ratio; readonly forMs: Millis }
  /** A value of a query is past the limit for so long. */
  | {
      readonly kind: 'prometheus';
      readonly query: string;
      readonly limit: ValueLimit;
      readonly forMs: Millis;
    }
  /** The API of a cluster has not answered for so long. */
  | { readonly kind: 'noContact'; readonly forMs: Millis }
  /** The requests have told nothing for so long. */
  | { readonly kind: 'blind'; readonly forMs: Millis };

/** Past it, on that side, is too much. */
export type ValueLimit = { readonly side: 'above' | 'below'; readonly value: number };

/** What a query's values must be before anything is injected: not past the limit. */
export type Requirement = { readonly query: string; readonly limit: ValueLimit };

/** An abort condition that was met. */
export type AbortFinding = {
  readonly condition: AbortCondition['kind'];
  /** What was measured, as a clause: `412 of 500 requests of entry were bad (82.4%)`. */
  readonly measured: string;
  /** Since when it was so. */
  readonly since: Micros;
  /** What was allowed, with its grace: `50% within 10s`. */
  readonly limit: string;
  /** How long it had to be so. */
  readonly graceMs: Millis;
};

/** An error share is of at least this many requests: of fewer none is told. */
export const LEAST_REQUESTS = 20;
/** A condition as people read it before a run. */
export function abortText(condition: AbortCondition): string {
  const lasts = formatDuration(condition.forMs);
  switch (condition.kind) {
    case 'errorShare': {
      const whose = condition.path === undefined ? 'all requests' : `the requests of ${condition.path}`;
      return `errorShare: more than ${percentText(condition.above)} of ${whose} within ${lasts} were bad (of at least ${LEAST_REQUESTS})`;
    }
    case 'prometheus': {
      const { side, value } = condition.limit;
      return `prometheus: ${queryText(condition.query)} ${side} ${value} for ${lasts}, or without a value`;
    }
    case 'noContact':
      return `noContact: the API of a cluster has not answered for ${lasts}`;
    case 'blind':
      return `blind: no request has told anything for ${lasts}`;
  }
}

/** What was measured, since when, and what was allowed, in one clause. */
export function abortReason({ condition, measured, since, limit }: AbortFinding): string {
  return `${condition}: ${measured} since ${(since / 1e6).toFixed(1)} s after the start, limit ${limit}`;
}

/** `82.4%` */
export function percentText(share: Ratio): string {
  return `${Number((share * 100).toFixed(2))}%`;
}

/** Longest query that is shown whole. */
const QUERY_LENGTH = 80;

/** A query in one line. */
export function queryText(query: string): string {
  return cutTo(query.trim().replace(/\s+/g, ' '), QUERY_LENGTH + 1);
}

/** What a requirement asks for, as people read it before a run: `sum(up) at least 3`. */
export function requirementText({ query, limit }: Requirement): string {
  return `${queryText(query)} ${boundText(limit)}`;
}

/** What a limit allows: `at most 0.2`. */
export function boundText({ side, value }: ValueLimit): string {
  return `${side === 'above' ? 'at most' : 'at least'} ${value}`;
}

/**
 * The one value that stands for several; null where none was told. One past the limit stands whatever is missing beside it; one
 * within it, only where nothing is.
 */
export function worstOf(values: readonly (number | null)[], { side, value: limit }: ValueLimit): number | null {
  const sign = side === 'above' ? 1 : -1;
  const [first, ...others] = values.filter((value) => value !== null);
  if (first === undefined) return null;
  const worst = others.reduce((a, b) => (sign * b > sign * a ? b : a), first);
  return others.length + 1 === values.length || sign * worst > sign * limit ? worst : null;
}
