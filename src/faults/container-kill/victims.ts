import { FaultlineError } from '../../model/errors.ts';
import type { FaultContext } from '../../model/fault.ts';
import { KINDS, type KubeObject } from '../../model/kubernetes.ts';
import type { Json } from '../../model/scenario.ts';
import type { Millis } from '../../model/units.ts';
import { isAlive, type Pod, readPod, zonesOfNodes } from '../../workload/pods.ts';
import { hasFields } from '../has-fields.ts';
import { namesIn, runningIn, type Start } from './container.ts';

/** A pod, and the start of its container that is to end. */
export type Victim = Start & { readonly name: string; readonly uid: string };

/** A container kill's own part of its plan. */
export type ContainerKillData = {
  readonly namespace: string;
  readonly container: string;
  /** The workload that the pods belong to, as `Kind/name`. */
  readonly owner: string | null;
  /** Label selector in its text form. */
  readonly selector: string | null;
  readonly zone: string | null;
  readonly count: number;
  readonly everyMs: Millis | null;
  /** Image of the ephemeral container that kills; null: the container's own shell does. */
  readonly image: string | null;
  /** Those of the first round. */
  readonly first: readonly Victim[];
};

/** Whether the data of a plan is that of a container kill. */
export function isContainerKillData(data: Json): boolean {
  const aim = {
    namespace: 'string',
    container: 'string',
    owner: 'string?',
    selector: 'string?',
    zone: 'string?',
  } as const;
  return hasFields(data, { ...aim, count: 'number', everyMs: 'number?', image: 'string?', first: 'list' });
}

/** A pod that matches, as it was read and as the API has it. */
export type Found = { readonly pod: Pod; readonly object: KubeObject };

type Aim = Pick<ContainerKillData, 'namespace' | 'container' | 'owner' | 'selector' | 'zone'>;

/** The pods that match and have the container, whether it runs or not; ready ones first, then by name. */
export async function matching(aim: Aim, { cluster }: FaultContext): Promise<Found[]> {
  const { namespace, selector, owner, zone, container } = aim;
  const zones = await zonesOfNodes(cluster);
  const filter = selector === null ? { namespace } : { namespace, labelSelector: selector };
  const objects = await cluster.list(KINDS.pod, filter);
  return objects
    .map((object) => ({ object, pod: readPod(object, zones) }))
    .filter(({ pod }) => isAlive(pod) && (owner === null || pod.owners.includes(owner)))
    .filter(({ pod }) => zone === null || pod.zone === zone)
    .filter(({ object }) => namesIn(object).includes(container))
    .sort(({ pod: a }, { pod: b }) => Number(b.ready) - Number(a.ready) || (a.name < b.name ? -1 : 1));
}

/** Those of them whose container one round ends: it runs. */
export function choose(
  found: readonly Found[],
  { container, count }: Pick<ContainerKillData, 'container' | 'count'>,
): (Found & { readonly victim: Victim })[] {
  return found
    .flatMap(({ pod, object }) => {
      const start = runningIn(object, container);
      return start === undefined ? [] : [{ pod, object, victim: { ...start, name: pod.name, uid: pod.uid } }];
    })
    .slice(0, count);
}

/** The pod of a victim as it is now. Rejects with FAULT_CONFLICT where another one has its name, or its container has begun anew. */
export async function still(victim: Victim, data: ContainerKillData, { cluster }: FaultContext): Promise<KubeObject> {
  const { namespace, container } = data;
  const pod = await cluster.get({ ...KINDS.pod, namespace, name: victim.name });
  const now = pod === undefined ? undefined : runningIn(pod, container);
  if (pod?.metadata.uid === victim.uid && now?.restarts === victim.restarts) return pod;
  const what = `pod ${namespace}/${victim.name}: its container ${container} is not the one of the plan any more`;
  throw new FaultlineError('FAULT_CONFLICT', what);
}
