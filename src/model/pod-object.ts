import type { KubeObject } from './kubernetes.ts';

type ContainerPort = { readonly name?: string; readonly containerPort: number };
type ProbedPort = { readonly port: number | string };

/** How a kubelet asks a container how it is. */
type Probe = { readonly httpGet?: ProbedPort; readonly tcpSocket?: ProbedPort; readonly grpc?: ProbedPort };

/** Limits as they are written: quantities of Kubernetes. */
export type Resources = { readonly limits?: { readonly [resource: string]: string | number } };

/** What faultline reads of a container in a Pod, or in the template of one. */
export type Container = {
  readonly name: string;
  readonly image?: string;
  readonly command?: readonly string[];
  readonly env?: readonly { readonly name: string; readonly value?: string }[];
  readonly ports?: readonly ContainerPort[];
  readonly resources?: Resources;
  readonly volumeMounts?: readonly { readonly name: string }[];
  readonly restartPolicy?: string;
  readonly livenessProbe?: Probe;
  readonly readinessProbe?: Probe;
  readonly startupProbe?: Probe;
  readonly lifecycle?: { readonly preStop?: { readonly sleep?: { readonly seconds?: number } } };
};

/** What faultline reads of `spec` of a Pod. */
export type PodSpec = {
  readonly nodeName?: string;
  readonly hostNetwork?: boolean;
  readonly hostPID?: boolean;
  readonly shareProcessNamespace?: boolean;
  readonly restartPolicy?: string;
  readonly resources?: Resources;
  readonly containers?: readonly Container[];
  readonly initContainers?: readonly Container[];
  readonly ephemeralContainers?: readonly Container[];
  readonly volumes?: readonly { readonly name: string; readonly emptyDir?: object; readonly ephemeral?: object }[];
};

type ContainerState = {
  readonly waiting?: { readonly reason?: string; readonly message?: string };
  readonly running?: object;
  readonly terminated?: { readonly exitCode: number; readonly reason?: string; readonly message?: string };
};

/** What a kubelet says of a container. */
export type ContainerStatus = {
  readonly name: string;
  readonly restartCount?: number;
  readonly containerID?: string;
  readonly state?: ContainerState;
  readonly lastState?: ContainerState;
};

type Address = { readonly ip: string };

/** What faultline reads of `status` of a Pod. */
type PodStatus = {
  readonly phase?: string;
  readonly podIP?: string;
  readonly podIPs?: readonly Address[];
  readonly hostIP?: string;
  readonly hostIPs?: readonly Address[];
  readonly containerStatuses?: readonly ContainerStatus[];
  readonly initContainerStatuses?: readonly ContainerStatus[];
  readonly ephemeralContainerStatuses?: readonly ContainerStatus[];
};

export function podSpec({ spec }: KubeObject): PodSpec {
  return (spec ?? {}) as PodSpec;
}

/** The containers of the pods that a workload makes, native sidecars left out. */
export function templateContainers({ spec }: KubeObject): readonly Container[] {
  const { template } = (spec ?? {}) as { readonly template?: { readonly spec?: PodSpec } };
  return template?.spec?.containers ?? [];
}

export function podStatus({ status }: KubeObject): PodStatus {
  return (status ?? {}) as PodStatus;
}

/** All containers but ephemeral ones; a native sidecar is an init container that goes on running. */
export function containersOf(pod: KubeObject): readonly Container[] {
  const { containers = [], initContainers = [] } = podSpec(pod);
  return [...containers, ...initContainers];
}

/** Name of the node a pod runs on; empty before it is bound. */
export function nodeOf(pod: KubeObject): string {
  return podSpec(pod).nodeName ?? '';
}

/** Its containers have ended for good (a finished Job, an evicted pod): it serves nobody and cannot be hit. */
export function isEnded(pod: KubeObject): boolean {
  const { phase } = podStatus(pod);
  return phase === 'Succeeded' || phase === 'Failed';
}

/** Addresses of a pod, of both families. */
export function addressesOf(pod: KubeObject): string[] {
  const { podIP, podIPs = [] } = podStatus(pod);
  return [...new Set([...(podIP === undefined ? [] : [podIP]), ...podIPs.map(({ ip }) => ip)])];
}

/** Why a container waits, in the kubelet's words; empty where it says nothing. */
export function waitingText({ waiting }: ContainerState): string {
  return [waiting?.reason, waiting?.message].filter((part) => part !== undefined && part !== '').join(': ');
}

/** The probe that keeps a pod from serving while this container does not work; undefined where it has none. */
export function probeOf({ startupProbe, readinessProbe }: Container): 'startup' | 'readiness' | undefined {
  if (startupProbe !== undefined) return 'startup';
  return readinessProbe === undefined ? undefined : 'readiness';
}
