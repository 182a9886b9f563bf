import { uidsIn } from '../faults/plan-shape.ts';
import type { FaultPlan, UndoOutcome } from '../model/fault.ts';
import type { Cluster } from '../model/ports.ts';
import { isDone } from '../model/touched-object.ts';
import { refOf } from './accept.ts';
import { lookCommands } from './hearsay.ts';

/** What is said of an object whose plan names another cluster. */
export function copyText({ name }: Pick<Cluster, 'name'>, from: string): string {
  return (
    `its plan is of cluster ${from}, and of no object that is here: a sync, or a backup that was restored, has brought a copy with its marks, ` +
    `or ${name} was called ${from} then`
  );
}

/**
 * The cluster that plans in another one name, where none of the objects that they know by UID is here: they were copied with them.
 * Undefined where nobody can look.
 */
export async function planCopiedFrom(cluster: Cluster, plan: FaultPlan): Promise<string | undefined> {
  const uids = uidsIn(plan.data);
  if (plan.cluster === cluster.name || uids.length === 0) return undefined;
  try {
    const found = await Promise.all(plan.objects.flatMap(refOf).map((ref) => cluster.get(ref)));
    return found.some((object) => uids.includes(object?.metadata.uid ?? '')) ? undefined : plan.cluster;
  } catch {
    return undefined;
  }
}

/**
 * What an undo has come to of what is a copy. What was before the fault was so elsewhere: nobody can tell from its plan what belongs
 * here, and no command that would write that is told.
 */
export function outcomeOfCopy(cluster: Cluster, from: string, outcome: UndoOutcome): UndoOutcome {
  const text = copyText(cluster, from);
  if (outcome.state === 'undone') return { ...outcome, detail: `${outcome.detail}; ${text}` };
  const left = outcome.objects.filter((object) => !isDone(object));
  const names = left.map(({ kind, namespace, name }) => `${kind} ${namespace}/${name}`).join(', ');
  const { first: _, ...rest } = outcome;
  return {
    ...rest,
    detail:
      `${names}: ${text}. It may hold what the fault has written there, and was left alone: look whether that belongs here, put it right by ` +
      'hand where it does not, and then have its marks taken off',
    commands: lookCommands(cluster, left),
  };
}
