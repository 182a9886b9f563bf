import type { KubeObject } from '../model/kubernetes.ts';
import { PROXY_CONTAINER } from '../model/proxy-container.ts';

/** Annotation of Istio's injector on every pod that it has given a proxy. */
const INJECTED = 'sidecar.istio.io/status';

type Containers = { readonly name?: string }[];

/** Whether a pod has a proxy of Istio; a native sidecar is an init container that goes on running. */
export function hasSidecar({ metadata, spec }: KubeObject): boolean {
  if (metadata.annotations?.[INJECTED] !== undefined) return true;
  const { containers = [], initContainers = [] } = (spec ?? {}) as {
    containers?: Containers;
    initContainers?: Containers;
  };
  return [...containers, ...initContainers].some(({ name }) => name === PROXY_CONTAINER);
}

/** Annotation by which a sidecar takes nothing over that is not sent to it (Istio: sidecar.istio.io/interceptionMode). */
const INTERCEPTION = 'sidecar.istio.io/interceptionMode';

/** Whether Istio redirects the connections of a pod to its sidecar; a gateway is a proxy that nothing is redirected to. */
export function isRedirected(pod: KubeObject): boolean {
  const { containers = [] } = (pod.spec ?? {}) as { containers?: Containers };
  const isBeside = containers.some(({ name }) => name !== PROXY_CONTAINER);
  return hasSidecar(pod) && isBeside && pod.metadata.annotations?.[INTERCEPTION] !== 'NONE';
}
