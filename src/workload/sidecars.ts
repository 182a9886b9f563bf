import type { KubeObject } from '../model/kubernetes.ts';
import { containersOf, podSpec } from '../model/pod-object.ts';
import { PROXY_CONTAINER } from '../model/proxy-container.ts';

/** Annotation of Istio's injector on every pod that it has given a proxy. */
const INJECTED = 'sidecar.istio.io/status';

/** Whether a pod has a proxy of Istio; a native sidecar is an init container that goes on running. */
export function hasSidecar(pod: KubeObject): boolean {
  return (
    pod.metadata.annotations?.[INJECTED] !== undefined || containersOf(pod).some(({ name }) => name === PROXY_CONTAINER)
  );
}

/** Annotation by which a sidecar takes nothing over that is not sent to it (Istio: sidecar.istio.io/interceptionMode). */
const INTERCEPTION = 'sidecar.istio.io/interceptionMode';

/** Whether Istio redirects the connections of a pod to its sidecar; a gateway is a proxy that nothing is redirected to. */
export function isRedirected(pod: KubeObject): boolean {
  const { containers = [] } = podSpec(pod);
  const isBeside = containers.some(({ name }) => name !== PROXY_CONTAINER);
  return hasSidecar(pod) && isBeside && pod.metadata.annotations?.[INTERCEPTION] !== 'NONE';
}
