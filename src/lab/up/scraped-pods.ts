import type { KubeObject } from '../../model/kubernetes.ts';

/** A target of Prometheus's file-based discovery. */
type ScrapedPod = { readonly targets: readonly string[]; readonly labels: Readonly<Record<string, string>> };

/** Where Istio's proxies serve their statistics, as the containers name that port. */
const PORT_NAME = 'http-envoy-prom';

type Container = { readonly ports?: readonly { readonly name?: string; readonly containerPort?: number }[] };
type PodSpec = { readonly containers?: readonly Container[]; readonly initContainers?: readonly Container[] };
type PodStatus = { readonly phase?: string; readonly podIP?: string };

/** Every running proxy of a cluster, with the labels that rules of Istio's own samples go by. */
export function scrapedPods(cluster: string, pods: readonly KubeObject[]): ScrapedPod[] {
  return pods.flatMap(({ metadata, spec, status }) => {
    const { containers = [], initContainers = [] } = (spec ?? {}) as PodSpec;
    const { phase, podIP } = (status ?? {}) as PodStatus;
    const ports = [...containers, ...initContainers].flatMap((one) => one.ports ?? []);
    const port = ports.find(({ name }) => name === PORT_NAME)?.containerPort;
    if (port === undefined || podIP === undefined || phase !== 'Running') return [];
    const { namespace = '', name = '' } = metadata;
    return [{ targets: [`${podIP}:${port}`], labels: { cluster, namespace, pod: name } }];
  });
}
