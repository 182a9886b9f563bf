import type { AttemptOutcome } from './outcome.ts';

/** Envoy's counters of one host in one proxy, by their names there (envoy.admin.v3.HostStatus). They never go down. */
export type HostCounts = {
  cx_connect_fail: number;
  rq_error: number;
  rq_success: number;
  rq_timeout: number;
  rq_total: number;
};

export function zeroCounts(): HostCounts {
  return { cx_connect_fail: 0, rq_error: 0, rq_success: 0, rq_timeout: 0, rq_total: 0 };
}

/** A request has got a connection to the host (Envoy: conn_pool_base.cc attachStreamToClient). */
export function countConnected(counts: HostCounts): void {
  counts.rq_total += 1;
}

/**
 * How a request on the host ended (Envoy: router.cc chargeUpstreamCode, chargeUpstreamAbort, maybeRetryReset). An error need
 * not have had a connection. What the caller gave up counts for neither.
 */
export function countEnded(counts: HostCounts, outcome: AttemptOutcome): void {
  switch (outcome.kind) {
    case 'abandoned':
    case 'overflow':
      return;
    case 'response':
      counts[outcome.status < 500 ? 'rq_success' : 'rq_error'] += 1;
      return;
    case 'timeout':
      counts.rq_timeout += 1;
      break;
    case 'connect-refused':
    case 'connect-timeout':
      counts.cx_connect_fail += 1;
      break;
    case 'reset':
      break;
  }
  counts.rq_error += 1;
}
