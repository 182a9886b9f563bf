import { object, objects, text } from '../mesh/config-read.ts';
import { ROOT_NAMESPACE } from '../mesh/istiod/configuration.ts';
import type { KubeObject } from '../model/kubernetes.ts';
import type { LiveCluster } from '../predict/live-system.ts';
import { hasPolicyOfPort } from './policy-field.ts';
import type { Call, LintSystem } from './system.ts';

/**
 * Whether the same callers have outlier detection for the same Service by the configuration of another cluster, by a rule that
 * this one lacks: one that stands here as well and does not hold for all callers is not missing.
 */
export function hasOutlierElsewhere({ calls }: LintSystem, call: Call): boolean {
  return calls.some(
    ({ caller, service, subset, port, settings, rule }) =>
      caller.live.configuredBy !== call.caller.live.configuredBy &&
      caller.gateway === call.caller.gateway &&
      caller.namespace === call.caller.namespace &&
      service === call.service &&
      subset === call.subset &&
      (port === call.port || !hasPolicyOfPort(call)) &&
      settings.outlier !== undefined &&
      !(rule?.from ?? []).some((item) => standsIn(call.caller.live, item)),
  );
}

function standsIn({ destinationRules }: LiveCluster, { metadata }: KubeObject): boolean {
  return destinationRules.some(
    (item) =>
      item.metadata.name === metadata.name && item.metadata.namespace === metadata.namespace && configuresOutlier(item),
  );
}

/** Whether a DestinationRule has outlier detection anywhere. */
export function configuresOutlier({ spec }: KubeObject): boolean {
  const policies = [
    object(object(spec).trafficPolicy),
    ...objects(object(spec).subsets).map((one) => object(one.trafficPolicy)),
  ];
  return policies.some((policy) =>
    [policy, ...objects(policy.portLevelSettings)].some(({ outlierDetection }) => outlierDetection !== undefined),
  );
}

/** Whether an EnvoyFilter changes outlier detection itself, which no rule reads: then nothing is sure. */
export function patchesOutlier({ envoyFilters }: LiveCluster): boolean {
  return /outlier_?detection/i.test(JSON.stringify(envoyFilters.map(({ spec }) => spec)));
}

/** The root namespace of a cluster where it is another than the one that is read. */
export function otherRoot({ mesh }: LiveCluster): string | undefined {
  const root = text(mesh.rootNamespace);
  return root === ROOT_NAMESPACE ? undefined : root;
}

/**
 * Whether the cluster that a cluster's proxies are configured by is known to have an istiod that reads its objects: one is
 * seen, or somebody has written objects for it, and its root namespace is one that is read. Unless the targets file says by
 * which, the proxies of any other may be configured from elsewhere (primary-remote).
 */
export function configures({ beside, target }: LintSystem, live: LiveCluster): boolean {
  const root = otherRoot(live);
  if (root !== undefined && !target.observe.namespaces.includes(root)) return false;
  const written = [live.destinationRules, live.virtualServices, live.gateways, live.envoyFilters, live.sidecars];
  const seen = beside.some(({ cluster, istiod }) => cluster === live.configuredBy && istiod);
  return seen || written.some((objects) => objects.length > 0);
}
