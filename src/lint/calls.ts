import { subsetsOf } from '../mesh/cluster-config.ts';
import { namespaceOf, object, strings, text } from '../mesh/config-read.ts';
import { effectiveRule, selectsClient } from '../mesh/destination-rules.ts';
import { settingsFor } from '../mesh/istiod/clusters.ts';
import { ROOT_NAMESPACE } from '../mesh/istiod/configuration.ts';
import { isExported } from '../mesh/visibility.ts';
import type { KubeObject } from '../model/kubernetes.ts';
import { hasLabels, type Labels } from '../model/labels.ts';
import { hostOfService, resolveHost, serviceOfHost } from '../model/service-host.ts';
import {
  configurationOf,
  type LiveCluster,
  type LivePod,
  type LiveSystem,
  networkGateways,
  servicePortsOf,
} from '../predict/live-system.ts';
import { callersAmong, callingProxy } from './callers.ts';
import { type Destination, gatewayDestinations, meshDestinations } from './destinations.ts';
import { hasPolicyOfPort } from './policy-field.ts';
import type { Call, CallerGroup, Chain, Sureness } from './system.ts';

/** The calls that are made, or may be, in the clusters of a target; those of the chain only where there is one. */
export function callsIn(live: LiveSystem, chain: Chain | undefined): Call[] {
  return live.clusters.flatMap((cluster) => [
    ...callersAmong(
      cluster,
      live.pods.filter(({ gateway }) => gateway),
    )
      .flatMap((caller) => gatewayCalls(live, caller))
      .filter(({ service }) => chain === undefined || chain.services.has(service)),
    ...(chain === undefined ? anyCalls(live, cluster, () => true) : chainCalls(live, cluster, chain)),
  ]);
}

function gatewayCalls(live: LiveSystem, caller: CallerGroup): Call[] {
  return gatewayDestinations(caller).flatMap((destination) => callTo(live, caller, destination, 'known'));
}

/** Every Service that has pods, called by every sidecar. */
function anyCalls(live: LiveSystem, cluster: LiveCluster, counts: (service: string) => boolean): Call[] {
  const callers = callersAmong(
    cluster,
    live.pods.filter(({ gateway }) => !gateway),
  );
  const behind = new Set(live.pods.flatMap(({ services }) => services.map(({ service }) => service)));
  const services = cluster.services.map(({ metadata }) => `${metadata.namespace}/${metadata.name}`);
  return services
    .filter((service) => behind.has(service) && counts(service))
    .flatMap((service) => {
      const named = namedFor(live, service);
      return callers.flatMap((caller) => {
        const isConfigured = named.some((item) => isFor(item, caller, service));
        return callsTo(live, caller, service, isConfigured ? 'configured' : 'possible');
      });
    });
}

/** Each Service of the chain, called by the pods of the one before; what else the scenario speaks of, and what begins a chain without a gateway, as anybody may call it. */
function chainCalls(live: LiveSystem, cluster: LiveCluster, chain: Chain): Call[] {
  const { services, called, uncalled } = chain;
  const others = anyCalls(
    live,
    cluster,
    (service) => services.has(service) && (!called.has(service) || uncalled.has(service)),
  );
  const own = chain.hops.flatMap(({ from, to }) => {
    const pods = live.pods.filter(({ services }) => services.some(({ service }) => from.includes(service)));
    const sureness = to.length === 1 ? 'known' : 'configured';
    return callersAmong(cluster, pods).flatMap((caller) =>
      to.flatMap((service) => callsTo(live, caller, service, sureness)),
    );
  });
  return [...own, ...others];
}

function callsTo(live: LiveSystem, caller: CallerGroup, service: string, sureness: Sureness): Call[] {
  return meshDestinations(caller, hostOfService(service)).flatMap((one) => callTo(live, caller, one, sureness));
}

/** A rule or a route, and the setting of the mesh that says to whom it is exported where it does not. */
type Named = {
  readonly item: KubeObject;
  readonly exportedBy: 'defaultDestinationRuleExportTo' | 'defaultVirtualServiceExportTo';
};

/** Rules and routes of the mesh that somebody has written for just this host, in any cluster. */
function namedFor({ clusters }: LiveSystem, service: string): Named[] {
  const host = hostOfService(service);
  return clusters.flatMap(({ destinationRules, virtualServices }) =>
    [
      ...destinationRules.map((item) => ({ item, exportedBy: 'defaultDestinationRuleExportTo' }) as const),
      ...virtualServices.map((item) => ({ item, exportedBy: 'defaultVirtualServiceExportTo' }) as const),
    ].filter(({ item }) => {
      const { host: one, hosts } = object(item.spec);
      return [...strings(hosts), text(one) ?? ''].some((name) => resolveHost(name, namespaceOf(item)) === host);
    }),
  );
}

/** Whether one of them is there for this caller. */
function isFor({ item, exportedBy }: Named, { namespace, labels, live }: CallerGroup, service: string): boolean {
  const near = [namespace, service.split('/')[0], ROOT_NAMESPACE];
  return (
    selectsClient(item, namespace, labels) &&
    near.includes(namespaceOf(item)) &&
    isExported(item, namespace, strings(live.mesh[exportedBy]))
  );
}

/** One call with all that the caller's proxy is told of it; none where the cluster has no such Service or port. */
function callTo(live: LiveSystem, caller: CallerGroup, destination: Destination, sureness: Sureness): Call[] {
  const { host, subset } = destination;
  const service = serviceOfHost(host);
  if (service === undefined) return [];
  const ports = servicePortsOf(caller.live).filter((port) => port.host === host);
  const candidates = destination.port === undefined ? ports : ports.filter(({ port }) => port === destination.port);
  const calls = candidates.map((port): Call => {
    const told = toldOf(caller, { host, port: port.port, subset });
    const listed = podsBehind(live, service, port.name, told.labels);
    const endpoints = listed.filter(({ ready }) => ready);
    const where = { service, host, port: port.port, portName: port.name, ...(subset === undefined ? {} : { subset }) };
    const sure = destination.rare && sureness === 'known' ? 'configured' : sureness;
    const { rule, settings } = told;
    const route = destination.route;
    return {
      ...{ caller, sureness: sure, ...where, settings, listed, endpoints, gateways: networkGateways(live) },
      ...(rule === undefined ? {} : { rule }),
      ...(route === undefined ? {} : { route }),
    };
  });
  // Which port is called is not known where no route says it: the one that is best prepared, not to blame another.
  const best = calls.find(({ settings }) => settings.outlier !== undefined) ?? calls[0];
  if (best === undefined) return [];
  // A port with settings of its own may be called as well, and has lost what others have: no more than a note, since most are not.
  const bare = calls.filter((call) => best.settings.outlier !== undefined && call.settings.outlier === undefined);
  return [best, ...bare.filter(hasPolicyOfPort).map((call) => ({ ...call, sureness: 'possible' as const }))];
}

function toldOf(caller: CallerGroup, called: { host: string; port: number; subset: string | undefined }) {
  const { host, port, subset } = called;
  const config = configurationOf(caller.live);
  const who = { host, clientNamespace: caller.namespace, clientLabels: caller.labels };
  const exportTo = strings(caller.live.mesh.defaultDestinationRuleExportTo);
  const labels = subset === undefined ? {} : subsetsOf(config, who).find(({ name }) => name === subset)?.labels;
  return {
    rule: effectiveRule(caller.live.destinationRules, ROOT_NAMESPACE, who, exportTo),
    settings: settingsFor(config, callingProxy(caller), { host, port }, subset ?? ''),
    labels,
  };
}

/** Pods behind a Service's port. A subset that no rule knows has none. */
function podsBehind(live: LiveSystem, service: string, portName: string, labels: Labels | undefined): LivePod[] {
  if (labels === undefined) return [];
  return live.pods.filter(
    (pod) =>
      pod.services.some((one) => one.service === service && one.ports[portName] !== undefined) &&
      hasLabels(pod.labels, labels),
  );
}
