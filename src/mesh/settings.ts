import type { Millis } from '../model/units.ts';
import type { PoolLimits } from './connection-pool.ts';
import type { LocalityLb } from './locality.ts';

/** What a proxy finds wrong with a host. The names are those of Envoy's statistics. */
export const EJECTION_KINDS = [
  'consecutive_5xx',
  'consecutive_gateway_failure',
  'consecutive_local_origin_failure',
] as const;
export type EjectionKind = (typeof EJECTION_KINDS)[number];

/** How many failures in a row notify, and the share (percent) of notifications that are acted upon. */
export type ConsecutiveRule = { readonly threshold: number; readonly enforcing: number };

/** Envoy's outlier_detection block, as far as Istio can set it (Envoy: config.cluster.v3.OutlierDetection). */
export type OutlierSettings = {
  /** Time between two sweeps; only a sweep ends an ejection. */
  readonly intervalMs: Millis;
  readonly baseEjectionMs: Millis;
  readonly maxEjectionMs: Millis;
  readonly maxJitterMs: Millis;
  /** Largest share of hosts, over all priorities, that may be ejected at once, in percent. */
  readonly maxEjectionPercent: number;
  /** Lets the first ejection pass whatever the percentage (`always_eject_one_host`, default false). */
  readonly alwaysEjectOneHost: boolean;
  /** Whether connection failures and timeouts have a counter of their own. */
  readonly splitLocalOrigin: boolean;
  readonly rules: Readonly<Record<EjectionKind, ConsecutiveRule>>;
};

/** One outbound cluster of a proxy: the settings that decide who answers a call. */
export type ClusterSettings = {
  /** Absent: nothing is ever ejected, and Istio sets no priorities. */
  readonly outlier?: OutlierSettings;
  /** Percent of healthy hosts in a priority below which health is ignored there; 0 never. */
  readonly panicThreshold: number;
  /** Whether endpoints that are not ready are part of the cluster. */
  readonly sendsUnready: boolean;
  /** `common_lb_config.update_merge_window`; 0 delivers every health change at once. */
  readonly mergeWindowMs: Millis;
  readonly connectTimeoutMs: Millis;
  readonly localityLb: LocalityLb;
  /** Absent: any number of connections and calls. */
  readonly pool?: PoolLimits;
};

/** `max_ejection_time` when it is not set: max(300 s, base). Istio has no field for it. */
export function defaultMaxEjection(baseEjectionMs: Millis): Millis {
  return Math.max(300_000, baseEjectionMs);
}

/** Envoy's defaults (docs/mesh-model.md). */
export const ENVOY_OUTLIER_DEFAULTS: OutlierSettings = {
  intervalMs: 10_000,
  baseEjectionMs: 30_000,
  maxEjectionMs: 300_000,
  maxJitterMs: 0,
  maxEjectionPercent: 10,
  alwaysEjectOneHost: false,
  splitLocalOrigin: false,
  rules: {
    consecutive_5xx: { threshold: 5, enforcing: 100 },
    consecutive_gateway_failure: { threshold: 5, enforcing: 0 },
    consecutive_local_origin_failure: { threshold: 5, enforcing: 100 },
  },
};

/** Envoy's own panic threshold, in percent. */
export const ENVOY_PANIC_THRESHOLD = 50;

/** What a cluster has without any DestinationRule: Envoy's merge window, Istio's connect timeout. */
export const ISTIO_CLUSTER_DEFAULTS: Pick<ClusterSettings, 'mergeWindowMs' | 'connectTimeoutMs' | 'localityLb'> = {
  mergeWindowMs: 1000,
  connectTimeoutMs: 10_000,
  localityLb: { enabled: true, failover: [], failoverPriority: [], distribute: [] },
};
