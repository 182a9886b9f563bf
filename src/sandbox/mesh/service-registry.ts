import type { Locality, MeshEndpoint } from '../../mesh/locality.ts';
import { CLUSTER_LABEL } from '../../mesh/networks.ts';
import type { CalledWorkload } from '../../mesh/requests-reader.ts';
import { KINDS, type KubeObject, NETWORK_LABEL, REGION_LABEL, ZONE_LABEL } from '../../model/kubernetes.ts';
import { podLocality } from '../../model/pod-locality.ts';
import { asMap, type JsonMap, listOf, mapOf, mapsOf, stringOf } from '../api/json.ts';
import type { ObjectStore } from '../api/store.ts';
import { networkIn } from './networks.ts';

/** One port of a Service as the mesh knows it, with the endpoints of all clusters. */
export type MeshService = {
  /** Full name. */
  readonly host: string;
  readonly port: number;
  readonly endpoints: readonly MeshEndpoint[];
  /** `trafficDistribution`: callers stay close although nothing is ejected. */
  readonly staysClose: boolean;
  readonly namespace: string;
  /** Without an address of its own, DNS answers with pods, and the mesh does not choose among them. */
  readonly headless: boolean;
  /** Spoken as bytes: no routes, no retries, and no status that could eject. */
  readonly tcp: boolean;
  /** Namespaces that know the Service; none named is all. */
  readonly exportTo: readonly string[];
};

/** Names of protocols that Istio does not take for HTTP (Istio: pkg/config/protocol). A port without a name is looked into. */
const BYTES = new Set(['tcp', 'tls', 'https', 'mongo', 'mysql', 'redis']);
const EXPORT_TO = 'networking.istio.io/exportTo';

const SERVICE_NAME = 'kubernetes.io/service-name';

/**
 * What one istiod of a multi-primary mesh discovers: the Services of its own cluster, each with the endpoints of every
 * cluster (Istio: serviceregistry/aggregate). Those that are not ready are there as such; terminating ones are left out.
 */
export function discoverServices(own: ObjectStore, all: ReadonlyMap<string, ObjectStore>): MeshService[] {
  const byService = new Map<string, { slice: JsonMap; cluster: string; store: ObjectStore }[]>();
  for (const [cluster, store] of all) {
    for (const object of store.list(KINDS.endpointSlice)) {
      const key = `${object.metadata.namespace}/${object.metadata.labels?.[SERVICE_NAME]}`;
      byService.set(key, [...(byService.get(key) ?? []), { slice: asMap(object), cluster, store }]);
    }
  }
  return own.list(KINDS.service).flatMap((service) => {
    const { name = '', namespace = '' } = service.metadata;
    const slices = byService.get(`${namespace}/${name}`) ?? [];
    const spec = mapOf(asMap(service).spec);
    const exported = (service.metadata.annotations?.[EXPORT_TO] ?? '').split(',').map((part) => part.trim());
    return mapsOf(spec.ports).map((port) => ({
      host: `${name}.${namespace}.svc.cluster.local`,
      port: Number(port.port),
      endpoints: slices.flatMap(({ slice, cluster, store }) => sliceEndpoints(slice, port, cluster, store)),
      staysClose: isClose(spec),
      namespace,
      headless: spec.clusterIP === 'None',
      tcp: BYTES.has((stringOf(port.appProtocol) || (stringOf(port.name).split('-')[0] ?? '')).toLowerCase()),
      exportTo: exported.filter((part) => part !== ''),
    }));
  });
}

/** PreferClose is the older name of PreferSameZone (Kubernetes 1.34). */
function isClose({ trafficDistribution }: JsonMap): boolean {
  return trafficDistribution === 'PreferClose' || trafficDistribution === 'PreferSameZone';
}

function sliceEndpoints(slice: JsonMap, port: JsonMap, cluster: string, store: ObjectStore): MeshEndpoint[] {
  const ports = mapsOf(slice.ports);
  const target = ports.find((entry) => stringOf(entry.name) === stringOf(port.name));
  if (target === undefined) return [];
  return mapsOf(slice.endpoints)
    .filter((endpoint) => isReady(endpoint) || mapOf(endpoint.conditions).terminating !== true)
    .flatMap((endpoint) => {
      const namespace = stringOf(mapOf(slice.metadata).namespace);
      const pod = store.get({ ...KINDS.pod, namespace, name: stringOf(mapOf(endpoint.targetRef).name) });
      const locality = localityIn(store, pod, stringOf(endpoint.nodeName));
      const network = networkIn(store, pod?.metadata.labels);
      const labels = { ...pod?.metadata.labels, ...localityLabels(locality, cluster, network) };
      return listOf(endpoint.addresses).map((ip) => ({
        address: `${ip}:${target.port}`,
        locality,
        labels,
        ready: isReady(endpoint),
        ...(network !== '' && { network }),
        ...(pod !== undefined && { workload: workloadOf(pod, cluster) }),
      }));
    });
}

/** The workload of a pod as istiod names it: the Deployment in place of its ReplicaSet (Istio: pkg/kube/controllers, GetWorkloadMeta). */
function workloadOf({ metadata }: KubeObject, clusterId: string): CalledWorkload {
  const { name: pod = '', namespace = '', labels = {}, ownerReferences = [] } = metadata;
  const owner = ownerReferences.find(({ controller }) => controller === true);
  const hash = labels['pod-template-hash'];
  const own = owner?.name ?? pod;
  const name = owner?.kind === 'ReplicaSet' && own.endsWith(`-${hash}`) ? own.slice(0, -`-${hash}`.length) : own;
  return { name, namespace, clusterId };
}

function isReady(endpoint: JsonMap): boolean {
  return mapOf(endpoint.conditions).ready !== false;
}

/** Labels that istiod adds to every endpoint and to every calling proxy, so that failoverPriority can name them (Istio: AugmentLabels). */
export function localityLabels(locality: Locality, cluster: string, network: string): Record<string, string> {
  return {
    ...named(NETWORK_LABEL, network),
    ...named(REGION_LABEL, locality.region),
    ...named(ZONE_LABEL, locality.zone),
    ...named('topology.istio.io/subzone', locality.subzone),
    [CLUSTER_LABEL]: cluster,
  };
}

function named(label: string, value: string): Record<string, string> {
  return value === '' ? {} : { [label]: value };
}

/** Where a pod of this cluster is. */
export function localityIn(store: ObjectStore, pod: KubeObject | undefined, node: string): Locality {
  return podLocality(pod?.metadata.labels, store.get({ ...KINDS.node, name: node })?.metadata.labels);
}
