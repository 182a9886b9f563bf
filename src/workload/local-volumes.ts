import type { KubeObject } from '../model/kubernetes.ts';
import { containersOf, podSpec } from '../model/pod-object.ts';
import { PROXY_CONTAINER } from '../model/proxy-container.ts';

/** Containers of Istio's injection: what they keep in an emptyDir is made anew with each of them. */
const INJECTED: ReadonlySet<string> = new Set([PROXY_CONTAINER, 'istio-init', 'istio-validation']);

/** Volumes that are gone with a pod, as `emptyDir cache`, but for those that only a sidecar uses. They outlast a container that begins anew. */
export function localVolumes(pod: KubeObject): string[] {
  const { volumes = [] } = podSpec(pod);
  const own = containersOf(pod).filter(({ name }) => !INJECTED.has(name));
  const used = new Set(own.flatMap(({ volumeMounts = [] }) => volumeMounts.map(({ name }) => name)));
  return volumes.flatMap(({ name, emptyDir, ephemeral }) => {
    if (!used.has(name) || (emptyDir === undefined && ephemeral === undefined)) return [];
    return `${emptyDir === undefined ? 'ephemeral volume' : 'emptyDir'} ${name}`;
  });
}
