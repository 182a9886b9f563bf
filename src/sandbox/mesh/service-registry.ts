import type { MeshService } from '../../mesh/istiod/clusters.ts';
import { localityLabels, readSlice } from '../../mesh/istiod/endpoints.ts';
import { portsOf, type ServicePort } from '../../mesh/istiod/service-port.ts';
import type { Locality, MeshEndpoint } from '../../mesh/locality.ts';
import type { CalledWorkload } from '../../mesh/requests-reader.ts';
import { KINDS, type KubeObject } from '../../model/kubernetes.ts';
import { podLocality } from '../../model/pod-locality.ts';
import type { ObjectStore } from '../api/store.ts';
import { networkIn } from './networks.ts';

/** An EndpointSlice of one cluster. */
type ReadSlice = ReturnType<typeof readSlice> & { readonly cluster: string; readonly store: ObjectStore };

/**
 * What one istiod of a multi-primary mesh discovers: the Services of its own cluster, each with the endpoints of every
 * cluster (Istio: serviceregistry/aggregate).
 */
export function discoverServices(own: ObjectStore, all: ReadonlyMap<string, ObjectStore>): MeshService[] {
  const slices = [...all].flatMap(([cluster, store]) =>
    store.list(KINDS.endpointSlice).map((object): ReadSlice => ({ ...readSlice(object), cluster, store })),
  );
  const byService = Map.groupBy(slices, ({ service }) => service);
  return own.list(KINDS.service).flatMap((service) => {
    const { name = '', namespace = '' } = service.metadata;
    const found = byService.get(`${namespace}/${name}`) ?? [];
    return portsOf(service).map((port) => ({
      ...port,
      endpoints: found.flatMap((slice) => endpointsIn(slice, port)),
    }));
  });
}

function endpointsIn(
  { ports, endpoints, cluster, store }: ReadSlice,
  { name, namespace }: ServicePort,
): MeshEndpoint[] {
  const port = ports[name];
  if (port === undefined) return [];
  return endpoints.flatMap(({ addresses, pod: podName, node, ready }) => {
    const pod = store.get({ ...KINDS.pod, namespace, name: podName });
    const locality = localityIn(store, pod, node);
    const network = networkIn(store, pod?.metadata.labels);
    const labels = { ...pod?.metadata.labels, ...localityLabels(locality, cluster, network) };
    return addresses.map((ip) => ({
      address: `${ip}:${port}`,
      locality,
      labels,
      ready,
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

/** Where a pod of this cluster is. */
export function localityIn(store: ObjectStore, pod: KubeObject | undefined, node: string): Locality {
  return podLocality(pod?.metadata.labels, store.get({ ...KINDS.node, name: node })?.metadata.labels);
}
