import type { Millis } from '../model/units.ts';
import { type HostCounts, zeroCounts } from './host-counts.ts';
import type { MeshEndpoint } from './locality.ts';
import type { EjectionKind } from './settings.ts';

/** One upstream host as one client proxy knows it. Two proxies share nothing of it (docs/mesh-model.md). */
export type Host = {
  endpoint: MeshEndpoint;
  priority: number;
  /** Requests on their way, for LEAST_REQUEST. */
  active: number;
  readonly counts: HostCounts;
  /** Failures in a row, by kind. */
  readonly failures: Record<EjectionKind, number>;
  /** Set while the host carries Envoy's flag FAILED_OUTLIER_CHECK. */
  ejectedAt: Millis | undefined;
  lastUnejection: Millis | undefined;
  /** Envoy's eject_time_backoff: multiplies the base ejection time. */
  backoff: number;
  jitterMs: Millis;
  /** As EDS says; a host that is not ready is UNHEALTHY. */
  ready: boolean;
  /** What the workers have been told so far; lags behind `ready` and `ejectedAt` by the merge window. */
  usable: boolean;
  /** Gone from EDS: results that still arrive count for nothing. */
  removed: boolean;
};

/** A host that EDS has just brought: a new monitor with everything at zero (Envoy: upstream_impl.cc). */
export function newHost(endpoint: MeshEndpoint, priority: number): Host {
  return {
    endpoint,
    priority,
    active: 0,
    counts: zeroCounts(),
    failures: { consecutive_5xx: 0, consecutive_gateway_failure: 0, consecutive_local_origin_failure: 0 },
    ejectedAt: undefined,
    lastUnejection: undefined,
    backoff: 0,
    jitterMs: 0,
    ready: endpoint.ready,
    usable: endpoint.ready,
    removed: false,
  };
}
