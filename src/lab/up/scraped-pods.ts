import type { KubeObject } from '../../model/kubernetes.ts';
import { containersOf, podStatus } from '../../model/pod-object.ts';

/** A target of Prometheus's file-based discovery. */
type ScrapedPod = { readonly targets: readonly string[]; readonly labels: Readonly<Record<string, string>> };

/** Where Istio's proxies serve their statistics, as the containers name that port. */
const PORT_NAME = 'http-envoy-prom';

/** Every running proxy of a cluster, with the labels that rules of Istio's own samples go by. */
export function scrapedPods(cluster: string, pods: readonly KubeObject[]): ScrapedPod[] {
  return pods.flatMap((pod) => {
    const { phase, podIP } = podStatus(pod);
    const ports = containersOf(pod).flatMap((one) => one.ports ?? []);
    const port = ports.find(({ name }) => name === PORT_NAME)?.containerPort;
    if (port === undefined || podIP === undefined || phase !== 'Running') return [];
    const { namespace = '', name = '' } = pod.metadata;
    return [{ targets: [`${podIP}:${port}`], labels: { cluster, namespace, pod: name } }];
  });
}
