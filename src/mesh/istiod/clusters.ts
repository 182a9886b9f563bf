import { NETWORK_LABEL } from '../../model/kubernetes.ts';
import { hasLabels } from '../../model/labels.ts';
import { clusterSettings, type MeshConfig, type Subset, subsetsOf } from '../cluster-config.ts';
import { type Assignment, assignPriorities, type MeshClient, type MeshEndpoint } from '../locality.ts';
import { CLUSTER_LABEL, endpointsByNetwork, type NetworkGateway } from '../networks.ts';
import type { ClusterSettings } from '../settings.ts';
import type { ServicePort } from './service-port.ts';

/** A proxy as an istiod knows it. */
export type MeshProxy = {
  readonly namespace: string;
  readonly kind: 'sidecar' | 'gateway';
  /** Its labels with those that istiod adds (`localityLabels`). */
  readonly client: MeshClient;
  /** Networks whose endpoints it wants; none is all. */
  readonly wanted: readonly string[];
};

/** A port of a Service with the endpoints of all clusters. */
export type MeshService = ServicePort & { readonly endpoints: readonly MeshEndpoint[] };

/** Everything istiod pushes about one outbound cluster. */
export type ClusterPush = {
  readonly host: string;
  readonly port: number;
  /** Empty for all endpoints of the Service. */
  readonly subset: string;
  readonly settings: ClusterSettings;
  readonly assignment: Assignment;
  /** Endpoints that the caller's own DNS answers with, where it and not the mesh chooses one. */
  readonly direct?: readonly MeshEndpoint[];
  readonly tcp: boolean;
  /** An east-west gateway passes connections on by it, and sends no requests. */
  readonly isPassedOn?: true;
};

/** What clusters depend on beside the proxy and the Service. */
type Surroundings = {
  readonly config: MeshConfig;
  /** Where the proxy is. */
  readonly cluster: string;
  /** East-west gateways of all clusters. */
  readonly eastWest: readonly NetworkGateway[];
};

/** The cluster of all endpoints, and one for each subset; each twice where connections from other networks are passed on. */
export function clustersFor(
  proxy: MeshProxy,
  service: MeshService,
  { config, cluster, eastWest }: Surroundings,
  passes: boolean,
): ClusterPush[] {
  const { host, port, tcp, headless, endpoints } = service;
  return subsetsFor(config, proxy, host).flatMap((subset) => {
    const settings = settingsFor(config, proxy, service, subset.name);
    const assignment = assignmentFor({ proxy, service, settings, subset, endpoints, eastWest });
    const push: ClusterPush = { host, port, subset: subset.name, settings, assignment, tcp };
    const passedOn = passes ? [{ ...push, tcp: false, isPassedOn: true as const }] : [];
    if (!headless) return [push, ...passedOn];
    const all = assignment.endpoints.map(({ endpoint }) => endpoint);
    return [{ ...push, direct: ownEndpoints(all, cluster) }, ...passedOn];
  });
}

/** The parts of a Service's endpoints that a proxy has clusters for: all of them, which has no name, and the subsets. */
export function subsetsFor(config: MeshConfig, { namespace, client }: MeshProxy, host: string): Subset[] {
  const key = { host, clientNamespace: namespace, clientLabels: client.labels };
  return [{ name: '', labels: {} }, ...subsetsOf(config, key)];
}

/** The settings of one cluster. */
export function settingsFor(
  config: MeshConfig,
  { namespace, client, kind }: Pick<MeshProxy, 'namespace' | 'kind'> & { readonly client: Pick<MeshClient, 'labels'> },
  { host, port }: Pick<ServicePort, 'host' | 'port'>,
  subset: string,
): ClusterSettings {
  const who = { clientNamespace: namespace, clientLabels: client.labels, clientKind: kind };
  return clusterSettings(config, { host, port, subset, ...who });
}

/** The endpoints of one cluster, with the priorities that they have for the proxy. */
export function assignmentFor(of: {
  readonly proxy: MeshProxy;
  readonly service: Pick<ServicePort, 'staysClose'>;
  readonly settings: ClusterSettings;
  readonly subset: Subset;
  readonly endpoints: readonly MeshEndpoint[];
  readonly eastWest: readonly NetworkGateway[];
}): Assignment {
  const { settings, subset, eastWest: gateways } = of;
  const { client, wanted } = of.proxy;
  const { staysClose } = of.service;
  const sent = of.endpoints.filter(
    (endpoint) => (endpoint.ready || settings.sendsUnready || staysClose) && hasLabels(endpoint.labels, subset.labels),
  );
  return assignPriorities({
    client,
    endpoints: endpointsByNetwork(sent, { network: client.labels[NETWORK_LABEL] ?? '', gateways, wanted }),
    setting: settings.localityLb,
    outlierDetection: settings.outlier !== undefined,
    staysClose,
  });
}

/** Endpoints that DNS and kube-proxy of a cluster know: its own that are ready. */
export function ownEndpoints(endpoints: readonly MeshEndpoint[], cluster: string): MeshEndpoint[] {
  return endpoints.filter(({ labels, ready }) => ready && labels[CLUSTER_LABEL] === cluster);
}
