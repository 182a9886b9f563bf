import { SERVICE_LABEL, sliceOf } from '../model/endpoint-slice.ts';
import type { AffectedPod } from '../model/history.ts';
import { type KubeObject, NETWORK_LABEL, REGION_LABEL } from '../model/kubernetes.ts';
import { localityLabel, podLocality } from '../model/pod-locality.ts';
import { nodeOf, podStatus } from '../model/pod-object.ts';
import type { Cluster } from '../model/ports.ts';
import type { Endpoint } from '../model/target.ts';
import { workloadOf } from '../workload/pods.ts';
import type { SubsetBook } from './subsets.ts';

/** Region and zone as the pod says them itself; empty where it leaves them to its node. */
type KnownPod = {
  readonly workload: string;
  readonly region: string;
  readonly zone: string;
  readonly labels: Readonly<Record<string, string>>;
};

/** Where endpoints are observed. */
type EndpointsOf = {
  readonly name: string;
  readonly region: string;
  /** Of pods without a label that says another. */
  readonly network?: string | undefined;
  /** What clauses ask for of subsets; absent where none does. */
  readonly subsets?: SubsetBook | undefined;
};

/**
 * The endpoints that EndpointSlices tell of, in a fixed order. Where a pod says its locality itself, that holds; else the
 * zone is the slice's own (discovery.k8s.io/v1), and the region its node's label or else the cluster's. The workload comes
 * from the pod's owner. A pod has a row for each Service that selects it; one that is not ready, or is on its way out, is
 * there with `ready: false`. Slices that differ in ports only repeat a pod: it stands once.
 */
export function endpointsOf(
  cluster: EndpointsOf,
  slices: readonly KubeObject[],
  pods: readonly KubeObject[],
  nodes: readonly KubeObject[],
): Endpoint[] {
  const regions = new Map(nodes.map(({ metadata }) => [metadata.name ?? '', metadata.labels?.[REGION_LABEL]]));
  const known = new Map(
    pods.map((pod): [string, KnownPod] => [
      `${pod.metadata.namespace}/${pod.metadata.name}`,
      {
        workload: workloadOf(pod),
        labels: pod.metadata.labels ?? {},
        ...saidBy(pod, regions.get(nodeOf(pod)) ?? cluster.region),
      },
    ]),
  );
  const rows = new Map<string, Endpoint>();
  for (const slice of slices) {
    for (const row of rowsOf(cluster, slice, known)) {
      const key = `${row.namespace} ${row.service} ${row.pod} ${row.ip}`;
      if (rows.get(key)?.ready !== true) rows.set(key, row);
    }
  }
  return [...rows].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, row]) => row);
}

/** Where a pod says itself that it is; else in this region, and in the zone that its slice says. */
function saidBy({ metadata }: KubeObject, region: string): Pick<KnownPod, 'region' | 'zone'> {
  return localityLabel(metadata.labels) === '' ? { region, zone: '' } : podLocality(metadata.labels, {});
}

/** All that endpoints take from pods, subsets go by any label; it is equal where a change of the pods changes no endpoint. */
export function placesText(pods: readonly KubeObject[], bySubset: boolean): string {
  return pods
    .map((pod) => {
      const { namespace, name, labels } = pod.metadata;
      const said = bySubset ? JSON.stringify(labels) : `${localityLabel(labels)} ${labels?.[NETWORK_LABEL]}`;
      return `${namespace}/${name} ${workloadOf(pod)} ${nodeOf(pod)} ${said}`;
    })
    .join('\n');
}

function rowsOf(cluster: EndpointsOf, slice: KubeObject, pods: ReadonlyMap<string, KnownPod>): Endpoint[] {
  const namespace = slice.metadata.namespace ?? '';
  const service = slice.metadata.labels?.[SERVICE_LABEL];
  if (service === undefined) return [];
  return (sliceOf(slice).endpoints ?? [])
    .filter((endpoint) => endpoint.targetRef?.kind === 'Pod')
    .map((endpoint) => {
      const pod = endpoint.targetRef?.name ?? '';
      const known = pods.get(`${namespace}/${pod}`);
      const network = known?.labels[NETWORK_LABEL] ?? cluster.network;
      const subsets = known && cluster.subsets?.of({ service, namespace }, known.labels);
      return {
        cluster: cluster.name,
        region: known?.region ?? cluster.region,
        zone: known?.zone || (endpoint.zone ?? ''),
        namespace,
        service,
        workload: known?.workload ?? pod,
        pod,
        ip: endpoint.addresses?.[0] ?? '',
        ready: endpoint.conditions?.ready !== false && endpoint.conditions?.terminating !== true,
        ...(network !== undefined && { network }),
        ...(subsets !== undefined && { subsets }),
      };
    });
}

/** The gateways' pods as the record names them, in a fixed order. */
export function gatewayPodsOf(
  cluster: Pick<Cluster, 'name'>,
  pods: readonly KubeObject[],
  zoneOf: (pod: KubeObject) => string,
): AffectedPod[] {
  const rows = pods.map((pod) => ({
    cluster: cluster.name,
    namespace: pod.metadata.namespace ?? '',
    zone: zoneOf(pod),
    workload: workloadOf(pod),
    pod: pod.metadata.name ?? '',
    ip: podStatus(pod).podIP ?? '',
  }));
  return rows.sort((a, b) => (`${a.namespace}/${a.pod}` < `${b.namespace}/${b.pod}` ? -1 : 1));
}
