import type { LintRule } from '../finding.ts';
import { calledText, grouped, ruleOrService, whoText } from '../grouped.ts';
import { policyField } from '../policy-field.ts';

/** Envoy: conn_pool_base.cc newStreamImpl; measured on the lab: two calls at once, 22 of 120 refused; twenty, 1020 of 1200. */
export const poolLimits: LintRule = {
  id: 'pool-limits',
  severity: 'warning',
  title: 'a connection pool that refuses the second call at a time',
  why: 'What exceeds the circuit breaker of a cluster is answered 503 by the caller’s own proxy (response flag UO). That ejects nobody, is no failover, and the hosts that take over after one have no more room than those before (Envoy `conn_pool_base.cc` newStreamImpl).',
  change:
    'Raise http1MaxPendingRequests, http2MaxRequests and maxConnections to what arrives in the time that a failing call takes.',
  check: ({ calls }) =>
    grouped(
      calls.filter(
        ({ sureness, settings: { pool } }) =>
          sureness !== 'possible' && pool !== undefined && Math.min(pool.maxPending, pool.maxRequests) < 2,
      ),
    ).map((group) => {
      const { pool } = group[0].settings;
      const least = (pool?.maxPending ?? 0) < 2 ? 'http1MaxPendingRequests' : 'http2MaxRequests';
      return {
        object: ruleOrService(group[0]),
        field: `${policyField(group[0], 'connectionPool')}.http.${least}`,
        what: `Calls of ${whoText(group)} to ${calledText(group[0])} that come while another waits are refused (${least} 1).`,
        change: `Raise ${least}.`,
      };
    }),
};
