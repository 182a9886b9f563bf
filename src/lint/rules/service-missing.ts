import type { LivePod, LiveSystem } from '../../predict/live-system.ts';
import { callersAmong, callersText } from '../callers.ts';
import type { Found, LintRule } from '../finding.ts';

/** Istio: the caller's cluster must have the Service for its DNS name; routes to a host that is none are answered 503. */
export const serviceMissing: LintRule = {
  id: 'service-missing',
  severity: 'error',
  title: 'a Service of the call chain is not in the cluster of its callers',
  why: 'The name is resolved in the caller’s own cluster, and its istiod merges the endpoints of all clusters under the Service of that name: without the Service object there, callers do not resolve it (Istio multicluster: Services must exist in every client cluster).',
  change: 'Create the same Service, with or without pods behind it, in that cluster.',
  check: ({ live, chain }) =>
    (chain?.hops ?? []).flatMap(({ from, to }) =>
      to.flatMap((service) => live.clusters.flatMap(({ name }) => missing(live, name, service, from))),
    ),
};

function missing(live: LiveSystem, cluster: string, service: string, from: readonly string[]): Found[] {
  const own = live.clusters.find(({ name }) => name === cluster);
  const has = own?.services.some(({ metadata }) => `${metadata.namespace}/${metadata.name}` === service);
  const calls = (pod: LivePod) => pod.services.some((one) => from.includes(one.service));
  const callers = own === undefined ? [] : callersAmong(own, live.pods.filter(calls));
  const [namespace = '', name = ''] = service.split('/');
  if (has || callers.length === 0) return [];
  return [
    {
      object: { cluster, kind: 'Service', namespace, name },
      field: 'metadata.name',
      what: `Cluster ${cluster} has no Service ${service}, which ${callers.map(callersText).join(', ')} call.`,
      change: `Create Service ${service} in ${cluster}.`,
    },
  ];
}
