import type { KubeObject } from '../model/kubernetes.ts';
import { hasLabels } from '../model/labels.ts';
import type { Millis } from '../model/units.ts';
import { duration, type JsonObject, namespaceOf, number, object, objects, strings, text } from './config-read.ts';
import { readConnectTimeout, readPoolLimits } from './connection-pool.ts';
import { type EffectiveRule, effectiveRule, type RuleKey } from './destination-rules.ts';
import { DEFAULT_ISTIO, type IstioVersion, istioDefaults } from './istio-version.ts';
import type { LocalityLb } from './locality.ts';
import {
  type ClusterSettings,
  type ConsecutiveRule,
  defaultMaxEjection,
  ENVOY_OUTLIER_DEFAULTS,
  ENVOY_PANIC_THRESHOLD,
  ISTIO_CLUSTER_DEFAULTS,
  type OutlierSettings,
} from './settings.ts';
import { clusterName } from './stats-text.ts';

/** A proxy and the service port it calls, or a subset of its endpoints. */
export type ClusterKey = RuleKey & {
  readonly port: number;
  readonly subset?: string;
  readonly clientKind: 'sidecar' | 'gateway';
};

/** The configuration of one istiod; in multi-primary each cluster has its own. */
export type MeshConfig = {
  readonly destinationRules: readonly KubeObject[];
  readonly envoyFilters: readonly KubeObject[];
  /** Where mesh-wide configuration lives. */
  readonly rootNamespace: string;
  /** Istio's own configuration (MeshConfig), as far as it is written down. */
  readonly mesh?: JsonObject;
  /** @default DEFAULT_ISTIO */
  readonly istio?: IstioVersion;
};

/** The settings of one outbound cluster (Istio: cluster_traffic_policy.go). Load balancers other than LEAST_REQUEST are not modelled. */
export function clusterSettings(config: MeshConfig, key: ClusterKey): ClusterSettings {
  const rule = ruleFor(config, key);
  const subset = rule?.subsets.find(({ name }) => name === key.subset);
  const policies = [object(subset?.trafficPolicy), object(rule?.trafficPolicy)];
  const pick = (field: string): JsonObject | undefined => {
    const value = policies.map((policy) => fieldOf(policy, key.port, field)).find((found) => found !== undefined);
    return value === undefined ? undefined : object(value);
  };
  const outlierBlock = pick('outlierDetection');
  const poolBlock = object(pick('connectionPool'));
  const pool = readPoolLimits(poolBlock);
  const meshTimeout = duration(config.mesh?.connectTimeout) ?? ISTIO_CLUSTER_DEFAULTS.connectTimeoutMs;
  const minHealthPercent = number(outlierBlock?.minHealthPercent) ?? 0;
  const { sendsUnready } = istioDefaults(config.istio ?? DEFAULT_ISTIO);
  const settings = {
    sendsUnready: sendsUnready && minHealthPercent === 0,
    panicThreshold: outlierBlock === undefined && !sendsUnready ? ENVOY_PANIC_THRESHOLD : minHealthPercent,
    mergeWindowMs: mergeWindow(config, key),
    connectTimeoutMs: readConnectTimeout(poolBlock) ?? meshTimeout,
    localityLb: readLocalityLb(object(pick('loadBalancer')).localityLbSetting ?? config.mesh?.localityLbSetting),
    ...(pool === undefined ? {} : { pool }),
  };
  return outlierBlock === undefined ? settings : { ...settings, outlier: readOutlierDetection(outlierBlock) };
}

function ruleFor({ destinationRules, rootNamespace, mesh }: MeshConfig, key: RuleKey): EffectiveRule | undefined {
  return effectiveRule(destinationRules, rootNamespace, key, strings(mesh?.defaultDestinationRuleExportTo));
}

/** Settings of the port replace the policy as a whole. */
function fieldOf(policy: JsonObject, port: number, field: string): unknown {
  const own = objects(policy.portLevelSettings).find((entry) => object(entry.port).number === port);
  return (own ?? policy)[field];
}

/** A named part of a Service's endpoints, and the labels that make it. */
export type Subset = { readonly name: string; readonly labels: Readonly<Record<string, string>> };

/** The subsets that a client knows of a host; each is a cluster of its own. */
export function subsetsOf(config: MeshConfig, key: RuleKey): Subset[] {
  const rule = ruleFor(config, key);
  return (rule?.subsets ?? []).map(({ name, labels }) => ({
    name: text(name) ?? '',
    labels: Object.fromEntries(Object.entries(object(labels)).map(([label, value]) => [label, String(value)])),
  }));
}

/** DestinationRule `outlierDetection` as Istio translates it (applyOutlierDetection). */
export function readOutlierDetection(block: JsonObject): OutlierSettings {
  const base = duration(block.baseEjectionTime) ?? ENVOY_OUTLIER_DEFAULTS.baseEjectionMs;
  const percent = number(block.maxEjectionPercent) ?? 0;
  const split = block.splitExternalLocalOriginErrors === true;
  const { rules } = ENVOY_OUTLIER_DEFAULTS;
  const local = number(block.consecutiveLocalOriginFailures) ?? 0;
  return {
    ...ENVOY_OUTLIER_DEFAULTS,
    intervalMs: duration(block.interval) ?? ENVOY_OUTLIER_DEFAULTS.intervalMs,
    baseEjectionMs: base,
    maxEjectionMs: defaultMaxEjection(base),
    maxEjectionPercent: percent > 0 ? percent : ENVOY_OUTLIER_DEFAULTS.maxEjectionPercent,
    splitLocalOrigin: split,
    rules: {
      consecutive_5xx: consecutive(block.consecutive5xxErrors, rules.consecutive_5xx),
      consecutive_gateway_failure: consecutive(block.consecutiveGatewayErrors, rules.consecutive_gateway_failure),
      consecutive_local_origin_failure:
        split && local > 0 ? { threshold: local, enforcing: 100 } : rules.consecutive_local_origin_failure,
    },
  };
}

/** A threshold of 0 switches the rule off by enforcing nothing. */
function consecutive(value: unknown, unset: ConsecutiveRule): ConsecutiveRule {
  const threshold = number(value);
  return threshold === undefined ? unset : { threshold, enforcing: threshold > 0 ? 100 : 0 };
}

function readLocalityLb(value: unknown): LocalityLb {
  if (value === undefined) return ISTIO_CLUSTER_DEFAULTS.localityLb;
  const block = object(value);
  return {
    enabled: block.enabled !== false,
    failover: objects(block.failover).map((entry) => ({ from: text(entry.from) ?? '', to: text(entry.to) ?? '' })),
    failoverPriority: strings(block.failoverPriority),
    distribute: objects(block.distribute).map((entry) => ({
      from: text(entry.from) ?? '',
      to: Object.fromEntries(Object.entries(object(entry.to)).map(([key, share]) => [key, number(share) ?? 0])),
    })),
  };
}

const CONTEXT = { sidecar: 'SIDECAR_OUTBOUND', gateway: 'GATEWAY' } as const;

/** `update_merge_window` of the last EnvoyFilter that sets it for this proxy and cluster; Envoy's 1 s otherwise. */
function mergeWindow(config: MeshConfig, key: ClusterKey): Millis {
  const patches = config.envoyFilters
    .filter((filter) => selects(config, filter, key))
    .flatMap((filter) => objects(object(filter.spec).configPatches))
    .filter((patch) => patch.applyTo === 'CLUSTER' && matchesCluster(object(patch.match), key));
  const windows = patches.map((patch) =>
    duration(object(object(object(patch.patch).value).common_lb_config).update_merge_window),
  );
  return windows.findLast((window) => window !== undefined) ?? ISTIO_CLUSTER_DEFAULTS.mergeWindowMs;
}

/** Whether an EnvoyFilter is for a proxy. Selecting by another object (`targetRefs`) is not understood, and selects nobody. */
export function selects(
  config: Pick<MeshConfig, 'rootNamespace'>,
  filter: KubeObject,
  key: Pick<ClusterKey, 'clientNamespace' | 'clientLabels'>,
): boolean {
  const namespace = namespaceOf(filter);
  if (namespace !== config.rootNamespace && namespace !== key.clientNamespace) return false;
  const { workloadSelector, targetRefs } = object(filter.spec);
  if (objects(targetRefs).length > 0) return false;
  return hasLabels(key.clientLabels, object(object(workloadSelector).labels));
}

/** A condition that is not understood matches no cluster. */
function matchesCluster(match: JsonObject, key: ClusterKey): boolean {
  const { context = 'ANY', cluster, ...unknown } = match;
  if (Object.keys(unknown).length > 0) return false;
  if (context !== 'ANY' && context !== CONTEXT[key.clientKind]) return false;
  const { service = key.host, portNumber = key.port, subset = key.subset ?? '', name, ...more } = object(cluster);
  if (Object.keys(more).length > 0) return false;
  const named = name === undefined || name === clusterName(key.port, key.host, key.subset);
  return named && service === key.host && portNumber === key.port && subset === (key.subset ?? '');
}
