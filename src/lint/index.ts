import type { LintRule } from './finding.ts';
import { ambientWaypoint, ambientWithoutWaypoint } from './rules/ambient.ts';
import { remoteClusters, trustRoots } from './rules/clusters.ts';
import { configurationNotRead } from './rules/configuration-not-read.ts';
import { connectTimeout } from './rules/connect-timeout.ts';
import { distribute } from './rules/distribute.ts';
import { ejectsNobody } from './rules/ejects-nobody.ts';
import { httpsRedirect, noGatewayRoute } from './rules/gateway-entry.ts';
import { headless } from './rules/headless.ts';
import { ignoredPolicy } from './rules/ignored-policy.ts';
import { invalidPolicy } from './rules/invalid-policy.ts';
import { keptConnections } from './rules/kept-connections.ts';
import { localityOff } from './rules/locality-off.ts';
import { maskedFault } from './rules/masked-fault.ts';
import { maxEjectionPercent } from './rules/max-ejection-percent.ts';
import { mergeWindow } from './rules/merge-window.ts';
import { missingInOneCluster } from './rules/missing-in-one-cluster.ts';
import { noDefaultRoute } from './rules/no-default-route.ts';
import { noNextLevel } from './rules/no-next-level.ts';
import { noOutlierDetection } from './rules/no-outlier-detection.ts';
import { noProxy } from './rules/no-proxy.ts';
import { nodeLocal } from './rules/node-local.ts';
import { notExported } from './rules/not-exported.ts';
import { oneEastWestGateway } from './rules/one-east-west-gateway.ts';
import { oneEastWestPod } from './rules/one-east-west-pod.ts';
import { orderNotKept } from './rules/order-not-kept.ts';
import { autoscaled, blockingBudget, gitopsOwner } from './rules/owners.ts';
import { passthrough } from './rules/passthrough.ts';
import { poolLimits } from './rules/pool-limits.ts';
import { regionUnequal } from './rules/region-unequal.ts';
import { retriesHide, retriesMultiply } from './rules/retries.ts';
import { routeFault } from './rules/route-fault.ts';
import { sameZoneInTwoClusters } from './rules/same-zone-in-two-clusters.ts';
import { serviceMissing } from './rules/service-missing.ts';
import { settingsDiffer } from './rules/settings-differ.ts';
import { outsideSidecarScope } from './rules/sidecar-scope.ts';
import { statsMatcher } from './rules/stats-matcher.ts';
import { tcpService } from './rules/tcp-service.ts';
import { thresholdAboveBudget } from './rules/threshold-above-budget.ts';
import { unknownSubset } from './rules/unknown-subset.ts';
import { zoneUnknown } from './rules/zone-unknown.ts';

/** Every rule. A new one is a file and a line here. */
export const RULES: readonly LintRule[] = [
  // Whether a failing host is left at all.
  noOutlierDetection,
  missingInOneCluster,
  ejectsNobody,
  maxEjectionPercent,
  invalidPolicy,
  settingsDiffer,
  configurationNotRead,
  ignoredPolicy,
  // Where callers go then.
  localityOff,
  distribute,
  zoneUnknown,
  sameZoneInTwoClusters,
  regionUnequal,
  noNextLevel,
  nodeLocal,
  orderNotKept,
  oneEastWestGateway,
  oneEastWestPod,
  // What is in the way of a call.
  unknownSubset,
  noDefaultRoute,
  routeFault,
  retriesHide,
  retriesMultiply,
  poolLimits,
  headless,
  passthrough,
  tcpService,
  outsideSidecarScope,
  notExported,
  httpsRedirect,
  noGatewayRoute,
  // Clusters and proxies.
  serviceMissing,
  noProxy,
  ambientWithoutWaypoint,
  ambientWaypoint,
  trustRoots,
  remoteClusters,
  statsMatcher,
  // What the scenario promises, and does.
  mergeWindow,
  thresholdAboveBudget,
  connectTimeout,
  keptConnections,
  maskedFault,
  gitopsOwner,
  autoscaled,
  blockingBudget,
];
