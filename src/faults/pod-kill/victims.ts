import type { FaultContext } from '../../model/fault.ts';
import { KINDS, LOAD_LABEL } from '../../model/kubernetes.ts';
import type { Json } from '../../model/scenario.ts';
import type { Millis, Ratio } from '../../model/units.ts';
import { isAlive, listPods, type Pod, zonesOfNodes } from '../../workload/pods.ts';
import { endAll } from '../end-all.ts';
import { hasFields } from '../has-fields.ts';

type Victim = { readonly namespace: string; readonly name: string; readonly uid: string };

/** Which pods a kill may hit, and how many of them. */
export type Aim = {
  readonly namespaces: readonly string[];
  /** The workload that the pods belong to, as `Kind/name`. */
  readonly owner: string | null;
  /** Label selector in its text form. */
  readonly selector: string | null;
  readonly node: string | null;
  readonly zone: string | null;
  /** Pods each round, where `percent` is null. */
  readonly count: number | null;
  readonly percent: Ratio | null;
};

/** A pod kill's own part of its plan. */
export type KillData = Aim & {
  readonly everyMs: Millis | null;
  /** Whole seconds, as the API takes them; null: the pod's own. */
  readonly graceSeconds: number | null;
  /** Past PodDisruptionBudgets. */
  readonly isDeletion: boolean;
  /** Victims of the first round. */
  readonly first: readonly Victim[];
};

/** Whether the data of a plan is that of a pod kill, or of one that an older version planned. */
export function isKillData(data: Json): boolean {
  const common = { selector: 'string?', zone: 'string?', count: 'number?', percent: 'number?' } as const;
  const isAny = hasFields(data, { ...common, everyMs: 'number?', graceSeconds: 'number?', first: 'list' });
  const isOwn = hasFields(data, { namespaces: 'list', owner: 'string?', node: 'string?', isDeletion: 'boolean' });
  return isAny && (isOwn || hasFields(data, { namespace: 'string', deployment: 'string?' }));
}

/**
 * The pods that a kill may hit now: they run, as the deletion of a pod that waits for a node or an image takes nothing
 * from anybody. Ready ones come first, then by name. Where no workload and no labels are named, those that send load are
 * no part of the system, and the pods of a kubelet's own files stay whatever the API deletes.
 */
export async function candidates(aim: Aim, { cluster }: FaultContext): Promise<Pod[]> {
  const zones = await zonesOfNodes(cluster);
  const lists = aim.namespaces.map((namespace) => listPods(cluster, namespace, aim.selector ?? undefined, zones));
  const isNamed = aim.owner !== null || aim.selector !== null;
  return (await Promise.all(lists))
    .flat()
    .filter((pod) => pod.running && isAlive(pod))
    .filter((pod) => isNamed || !isOutside(pod))
    .filter((pod) => aim.owner === null || pod.owners.includes(aim.owner))
    .filter((pod) => aim.node === null || pod.node === aim.node)
    .filter((pod) => aim.zone === null || pod.zone === aim.zone)
    .sort((a, b) => Number(b.ready) - Number(a.ready) || (a.name < b.name ? -1 : 1));
}

function isOutside({ labels, owners }: Pod): boolean {
  return labels[LOAD_LABEL] !== undefined || owners.some((owner) => owner.startsWith('Node/'));
}

/** Whether something brings a pod back: without a controller it would be gone for good. */
export function isReplaced({ owners }: Pod): boolean {
  return owners.length > 0;
}

/** Those of them that one round kills; never one that nothing replaces. */
export function choose(pods: readonly Pod[], { count, percent }: Aim): readonly Pod[] {
  const replaced = pods.filter(isReplaced);
  return replaced.slice(0, percent === null ? (count ?? 1) : Math.ceil(replaced.length * percent));
}

/** Evicts or deletes these very pods: one of the same name with another UID rejects with FAULT_CONFLICT. */
export async function killAll(victims: readonly Victim[], data: KillData, context: FaultContext): Promise<void> {
  await endAll(victims.map((victim) => killOne(victim, data, context)));
}

/** Evicts or deletes one pod by name and UID; one that is gone already is no error. */
export function killOne(victim: Victim, data: KillData, { cluster }: FaultContext): Promise<void> {
  const { namespace, name, uid } = victim;
  const { graceSeconds, isDeletion } = data;
  const ref = { ...KINDS.pod, namespace, name };
  const grace = graceSeconds === null ? {} : { gracePeriodSeconds: graceSeconds };
  return cluster.delete(ref, { ...grace, uid, ...(isDeletion ? {} : { evict: true }) });
}
