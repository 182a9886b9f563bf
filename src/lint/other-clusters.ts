import { text } from '../mesh/config-read.ts';
import { type LiveCluster, ROOT_NAMESPACE } from '../predict/live-system.ts';
import type { Call, LintSystem } from './system.ts';

/** Whether the same callers have outlier detection for the same Service in another cluster. */
export function hasOutlierElsewhere({ calls }: LintSystem, call: Call): boolean {
  return calls.some(
    ({ caller, service, subset, settings }) =>
      caller.live.name !== call.caller.live.name &&
      caller.gateway === call.caller.gateway &&
      caller.namespace === call.caller.namespace &&
      service === call.service &&
      subset === call.subset &&
      settings.outlier !== undefined,
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
 * Whether a cluster is known to have an istiod that reads its own objects: one is seen, or somebody has written objects for
 * it, and its root namespace is one that is read. The proxies of any other may be configured from elsewhere (primary-remote).
 */
export function configures({ beside, target }: LintSystem, live: LiveCluster): boolean {
  const root = otherRoot(live);
  if (root !== undefined && !target.observe.namespaces.includes(root)) return false;
  const written = [live.destinationRules, live.virtualServices, live.gateways, live.envoyFilters, live.sidecars];
  const seen = beside.some(({ cluster, istiod }) => cluster === live.name && istiod);
  return seen || written.some((objects) => objects.length > 0);
}
