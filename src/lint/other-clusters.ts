import type { LiveCluster } from '../predict/live-system.ts';
import type { Call, LintSystem } from './system.ts';

/** Whether the proxies of another cluster have outlier detection for the same Service. */
export function hasOutlierElsewhere({ calls }: LintSystem, call: Call): boolean {
  return calls.some(
    ({ caller, service, subset, settings }) =>
      caller.live.name !== call.caller.live.name &&
      service === call.service &&
      subset === call.subset &&
      settings.outlier !== undefined,
  );
}

/**
 * Whether a cluster is known to have an istiod that reads its own objects: one is seen, or somebody has written objects for
 * it. The proxies of any other may be configured from elsewhere (primary-remote).
 */
export function configures({ beside }: LintSystem, live: LiveCluster): boolean {
  const written = [live.destinationRules, live.virtualServices, live.gateways, live.envoyFilters, live.sidecars];
  const seen = beside.some(({ cluster, istiod }) => cluster === live.name && istiod);
  return seen || written.some((objects) => objects.length > 0);
}
