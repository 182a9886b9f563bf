import type { FaultContext } from '../../model/fault.ts';
import { KINDS, type KubeObject, ZONE_LABEL } from '../../model/kubernetes.ts';
import { isAlive, type Pod, readPod } from '../../workload/pods.ts';
import { overText, type PacketsInPod, type Placed, type Task, unadmittedNetwork } from '../in-pod/kind.ts';
import { hasIPv6, isTied } from '../in-pod/pods.ts';
import { scriptOf, showCommand } from '../in-pod/script.ts';
import { type BlackholeData, KIND } from './data.ts';
import { chainOf } from './script.ts';

/** What is in the zone now. */
export type Zone = {
  /** What is to be done in the pods that can be cut off. */
  readonly tasks: readonly Task[];
  /** Pods that cannot: with the network of their node (which would be cut off), or made by a kubelet alone. */
  readonly spared: readonly Pod[];
  readonly nodes: readonly KubeObject[];
};

/** Looks who is in the zone. */
export async function zoneTasks(fault: Placed<BlackholeData>, { cluster }: FaultContext): Promise<Zone> {
  const { zone, namespaces, selector } = fault.data;
  const nodes = await cluster.list(KINDS.node, {});
  const zones = new Map(nodes.map(({ metadata }) => [metadata.name ?? '', metadata.labels?.[ZONE_LABEL] ?? '']));
  const filter = selector === null ? {} : { labelSelector: selector };
  const lists = await Promise.all(namespaces.map((namespace) => cluster.list(KINDS.pod, { namespace, ...filter })));
  const all = lists
    .flat()
    .map((object) => ({ object, pod: readPod(object, zones) }))
    .filter(({ pod }) => pod.zone === zone && isAlive(pod));
  const hosts = new Set(all.map(({ pod }) => pod.node));
  return {
    tasks: all.filter(({ object }) => !isTied(object)).map(({ object, pod }) => taskFor(fault, object, pod)),
    spared: all.filter(({ object }) => isTied(object)).map(({ pod }) => pod),
    nodes: nodes.filter(({ metadata: { name = '' } }) => zones.get(name) === zone || hosts.has(name)),
  };
}

function taskFor(fault: Placed<BlackholeData>, object: KubeObject, pod: Pod): Task {
  const chains = [chainOf(fault, object)];
  const ipv6 = hasIPv6(object);
  const { expirySeconds: seconds } = fault.data;
  return {
    ...{ pod, object },
    script: scriptOf({ chains, seconds, hasIPv6: ipv6 }),
    show: showCommand(chains, ipv6),
  };
}

export const inPod: PacketsInPod<BlackholeData> = {
  kind: KIND,
  look: async (fault, context) => (await zoneTasks(fault, context)).tasks,
  did: () => 'dropped',
  over: (_data, packets) => overText('dropped', packets),
  unadmitted: unadmittedNetwork('zoneNetworkPolicy, which needs nothing in the pods'),
  missing: 'not cut off',
};
