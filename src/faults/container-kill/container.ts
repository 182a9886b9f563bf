import type { KubeObject } from '../../model/kubernetes.ts';
import { type ContainerStatus, podSpec, podStatus, waitingText } from '../../model/pod-object.ts';

/** One start of a container, as its kubelet counts it. */
export type Start = { readonly restarts: number; readonly id: string };

/** The names of the containers that a kubelet keeps running in a pod, native sidecars included. */
export function namesIn(pod: KubeObject): string[] {
  const { containers = [], initContainers = [] } = podSpec(pod);
  const sidecars = initContainers.filter(({ restartPolicy }) => restartPolicy === 'Always');
  return [...containers, ...sidecars].map(({ name }) => name);
}

/** The last start of a container, whether it still runs or not. */
export function lastStartIn(pod: KubeObject, name: string): Start {
  const { restartCount = 0, containerID = '' } = statusOf(pod, name) ?? {};
  return { restarts: restartCount, id: containerID };
}

/** The start that a container is in; undefined where it does not run now. */
export function runningIn(pod: KubeObject, name: string): Start | undefined {
  return statusOf(pod, name)?.state?.running === undefined ? undefined : lastStartIn(pod, name);
}

/** Why a container does not run, in the kubelet's words. */
export function whyNotRunning(pod: KubeObject, name: string): string {
  return waitingText(statusOf(pod, name)?.state ?? {}) || 'it does not run';
}

function statusOf(pod: KubeObject, name: string): ContainerStatus | undefined {
  const { containerStatuses = [], initContainerStatuses = [] } = podStatus(pod);
  return [...containerStatuses, ...initContainerStatuses].find((one) => one.name === name);
}

/**
 * Why a kill in this pod would hit something else than this container, or end it for good: processes of other containers
 * or of the node in the same list, or a kubelet that does not start it again. Undefined where it would not.
 */
export function whySpared(pod: KubeObject, name: string): string | undefined {
  const { restartPolicy = 'Always', hostPID, shareProcessNamespace, initContainers = [] } = podSpec(pod);
  if (hostPID === true) return 'it has the processes of its node (hostPID)';
  if (shareProcessNamespace === true) return 'its containers have one list of processes (shareProcessNamespace)';
  const isSidecar = initContainers.some((one) => one.name === name && one.restartPolicy === 'Always');
  return isSidecar || restartPolicy === 'Always'
    ? undefined
    : `its kubelet does not restart it (restartPolicy ${restartPolicy})`;
}
