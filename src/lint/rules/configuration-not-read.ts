import { type LintRule, objectIn } from '../finding.ts';

/** Kinds that decide whether calls fail over; of the others Istio's installation may have left some itself. */
const DECIDING = new Set(['DestinationRule', 'VirtualService']);

/** Istio: config of the own cluster alone is put into the config store; multicluster.go hands on Services, EndpointSlices, Pods and Nodes of the others. */
export const configurationNotRead: LintRule = {
  id: 'configuration-not-read',
  severity: 'warning',
  title: 'mesh configuration in a cluster whose proxies another one configures',
  why: 'An istiod reads DestinationRules, VirtualServices, Gateways, Sidecars and EnvoyFilters of its own cluster only, and serves them to the proxies of all clusters; of the others it takes Services and endpoints (Istio `serviceregistry/kube/controller/multicluster.go`). What is applied there acts on no proxy.',
  change: 'Apply it in the cluster that configures, or remove it.',
  needs: ['configuration'],
  check: ({ beside, live }) =>
    beside.flatMap(({ cluster, idle }) => {
      const by = live.clusters.find(({ name }) => name === cluster)?.configuredBy ?? cluster;
      return idle.map((object) => ({
        object: objectIn(cluster, object),
        field: 'spec',
        what: `No istiod reads it: the proxies of ${cluster} are configured by ${by}.`,
        change: `Apply it in ${by}, or remove it.`,
        severity: DECIDING.has(object.kind) ? ('warning' as const) : ('info' as const),
      }));
    }),
};
