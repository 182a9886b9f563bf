import { KINDS, type KubeObject } from '../model/kubernetes.ts';
import type { Cluster, HistoryWriter } from '../model/ports.ts';
import type { Endpoint } from '../model/target.ts';

type Slice = {
  metadata: { labels?: Record<string, string>; namespace?: string };
  endpoints?: {
    addresses?: string[];
    zone?: string;
    conditions?: { ready?: boolean; terminating?: boolean };
    targetRef?: { kind?: string; name?: string };
  }[];
};

/**
 * Writes the endpoints of a cluster's services into the history whenever they change, and keeps them at hand. The zone
 * is the one the EndpointSlice gives (discovery.k8s.io/v1), the workload comes from the pod's owner.
 */
export function observeEndpoints(
  cluster: Cluster,
  namespaces: readonly string[],
  workloadOf: (pod: KubeObject) => string,
  history: HistoryWriter,
  signal: AbortSignal,
): { current: () => readonly Endpoint[] } {
  const slices = new Map<string, readonly KubeObject[]>();
  const pods = new Map<string, readonly KubeObject[]>();
  let current: readonly Endpoint[] = [];
  let written = '';
  const update = () => {
    if (signal.aborted || slices.size < namespaces.length || pods.size < namespaces.length) return;
    const workloads = new Map(
      [...pods.values()].flat().map((pod) => [`${pod.metadata.namespace}/${pod.metadata.name}`, workloadOf(pod)]),
    );
    current = [...slices.values()]
      .flat()
      .flatMap((slice) => endpointsOf(cluster, slice as unknown as Slice, workloads));
    const text = JSON.stringify(current);
    if (text === written) return;
    written = text;
    history.append({ type: 'endpoints', cluster: cluster.name, endpoints: current });
  };
  for (const namespace of namespaces) {
    const keep = (into: Map<string, readonly KubeObject[]>) => (objects: readonly KubeObject[]) => {
      into.set(namespace, objects);
      update();
    };
    void cluster.observe(KINDS.endpointSlice, { namespace }, keep(slices), signal);
    void cluster.observe(KINDS.pod, { namespace }, keep(pods), signal);
  }
  return { current: () => current };
}

function endpointsOf(cluster: Cluster, slice: Slice, workloads: ReadonlyMap<string, string>): Endpoint[] {
  const namespace = slice.metadata.namespace ?? '';
  const service = slice.metadata.labels?.['kubernetes.io/service-name'];
  if (service === undefined) return [];
  return (slice.endpoints ?? [])
    .filter((endpoint) => endpoint.targetRef?.kind === 'Pod')
    .map((endpoint) => {
      const pod = endpoint.targetRef?.name ?? '';
      return {
        cluster: cluster.name,
        region: cluster.region,
        zone: endpoint.zone ?? '',
        namespace,
        service,
        workload: workloads.get(`${namespace}/${pod}`) ?? pod,
        pod,
        ip: endpoint.addresses?.[0] ?? '',
        ready: endpoint.conditions?.ready !== false && endpoint.conditions?.terminating !== true,
      };
    });
}
