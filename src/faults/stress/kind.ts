import type { FaultContext } from '../../model/fault.ts';
import { KINDS, type KubeObject } from '../../model/kubernetes.ts';
import type { Resource } from '../../model/pod-limits.ts';
import { podSpec } from '../../model/pod-object.ts';
import { isAlive, readPod, zonesOfNodes } from '../../workload/pods.ts';
import type { InPod, Placed, Task } from '../in-pod/kind.ts';
import { isTied } from '../in-pod/pods.ts';
import { whenTold } from '../in-pod/script.ts';
import type { StressData } from './data.ts';

/** What a kind of stress does in a pod, and how its container shows it. */
export type Stress = InPod<StressData> & {
  readonly resource: Resource;
  /** Lines of a shell that begin it and go on by themselves, for so many seconds at the most. */
  readonly begin: (amount: number, seconds: number) => readonly string[];
  /** What the kernel has counted for its container: busy microseconds so far, or bytes now; undefined where it does not say. */
  readonly read: (said: string) => number | undefined;
  /** Cores or bytes from two of these values, with the microseconds between them. */
  readonly used: (before: number, after: number, micros: number) => number;
  readonly text: (amount: number) => string;
};

/** The pods that match now, each with what is to be done there. */
export async function stressTasks(it: Stress, fault: Placed<StressData>, { cluster }: FaultContext): Promise<Task[]> {
  const { namespaces, selector, owner, zone } = fault.data;
  const zones = await zonesOfNodes(cluster);
  const filter = selector === null ? {} : { labelSelector: selector };
  const lists = await Promise.all(namespaces.map((namespace) => cluster.list(KINDS.pod, { namespace, ...filter })));
  return lists
    .flat()
    .map((object) => ({ object, pod: readPod(object, zones) }))
    .filter(({ object, pod }) => isAlive(pod) && !isTied(object))
    .filter(({ pod }) => owner === null || pod.owners.includes(owner))
    .filter(({ pod }) => zone === null || pod.zone === zone)
    .sort(({ pod: a }, { pod: b }) => (a.name < b.name ? -1 : 1))
    .map(({ object, pod }) => ({ object, pod, script: scriptOf(it, fault.data), show: SHOW[it.resource] }));
}

/** The script of a container: it begins and ends when it is told to, and all of it ends by itself. */
function scriptOf(it: Stress, { amount, expirySeconds: seconds }: StressData): string {
  return whenTold([...it.begin(amount, seconds), 'echo the stress is on'], seconds);
}

/** What shows the use of a container in its own control group, of the kernel's version 2 or 1. */
const SHOW: Readonly<Record<Resource, readonly string[]>> = {
  cpu: ['sh', '-c', 'cat /sys/fs/cgroup/cpu.stat || cat /sys/fs/cgroup/cpuacct/cpuacct.usage'],
  memory: ['sh', '-c', 'cat /sys/fs/cgroup/memory.current || cat /sys/fs/cgroup/memory/memory.usage_in_bytes'],
};

/** Names of the containers of a pod. */
export function containerNames(pod: KubeObject): string[] {
  return podSpec(pod).containers?.map(({ name }) => name) ?? [];
}
