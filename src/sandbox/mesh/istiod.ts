import { isServing } from '../../model/conditions.ts';
import { KINDS, type KubeObject } from '../../model/kubernetes.ts';
import { podStatus } from '../../model/pod-object.ts';
import { WrittenLog } from '../api/container-log.ts';
import type { ObjectStore } from '../api/store.ts';
import type { Network } from '../nodes/network.ts';
import { SPARED } from '../nodes/packet-filter.ts';
import type { RunningPod } from '../nodes/running-pods.ts';
import { TEXT } from '../programs/http.ts';

/** Where proxies ask it, in clear or not. */
const XDS_PORT = 15_010;
const READY_PORT = 8080;
const METRICS_PORT = 15_014;
const LABELS = { namespace: 'istio-system', app: 'istiod' };

/** Whether an object is a pod of istiod. */
function isIstiod({ kind, metadata }: KubeObject): boolean {
  return kind === KINDS.pod.kind && metadata.namespace === LABELS.namespace && metadata.labels?.app === LABELS.app;
}

/** Whether any ready pod of the istiod of a cluster can speak with a proxy, there and back. */
export function reachesProxy(istiod: ObjectStore, network: Network, proxyIp: string): boolean {
  return istiod
    .list(KINDS.pod, LABELS.namespace)
    .filter((pod) => isIstiod(pod) && isServing(pod))
    .some((pod) => network.fate(proxyIp, podStatus(pod).podIP ?? '', XDS_PORT, SPARED) === 'carried');
}

/** A pod of istiod: what it does for proxies is the control plane's; here is what else it answers. */
export function istiodPod(otherClusters: number): RunningPod {
  const body = `istiod_managed_clusters{cluster_type="local"} 1\nistiod_managed_clusters{cluster_type="remote"} ${otherClusters}\n`;
  return {
    log: new WrittenLog(),
    listens: (port) => port === READY_PORT,
    answer: async (port, path) =>
      port === METRICS_PORT && path === '/metrics' ? { status: 200, contentType: TEXT, body } : undefined,
    close: () => {},
  };
}
