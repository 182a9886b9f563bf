import { unmarkOps } from '../faults/marks.ts';
import { restore } from '../faults/rewrite.ts';
import type { FaultPlan, UndoOutcome } from '../model/fault.ts';
import type { TouchedObject } from '../model/history.ts';
import { KINDS, type ObjectRef } from '../model/kubernetes.ts';
import type { Cluster } from '../model/ports.ts';
import { objectText } from '../model/recover-command.ts';

/** Conflicts that a person has decided to leave as they stand: all of them, or those of one object. */
export type Accepted = { readonly only: string | undefined };

/**
 * Closes the conflicts of an undo that a person has decided: what stands there stays, and what is left of our marks comes
 * off. An object that still holds something of ours is no conflict and cannot be accepted.
 */
export async function acceptConflicts(
  { runId }: FaultPlan,
  outcome: UndoOutcome,
  accepted: Accepted,
  cluster: Cluster,
): Promise<UndoOutcome> {
  if (outcome.state !== 'conflict') return outcome;
  const open = conflictsIn(outcome.objects);
  const decided = open.filter((object) => isNamed(object, accepted));
  for (const ref of decided.flatMap(refOf)) {
    await restore(cluster, ref, (object) => (object === undefined ? [] : unmarkOps(object, runId)));
  }
  const isOver = open.length === decided.length && outcome.objects.every(({ state }) => state !== 'left-behind');
  if (!isOver) return outcome;
  return { ...outcome, state: 'undone', detail: `${outcome.detail}; accepted as it stands`, commands: [], keep: [] };
}

/** What a person has to decide about. */
export function conflictsIn(objects: readonly TouchedObject[]): TouchedObject[] {
  return objects.filter(({ state }) => state === 'conflict');
}

function isNamed(object: TouchedObject, { only }: Accepted): boolean {
  return only === undefined || only.toLowerCase() === objectText(object).toLowerCase();
}

function refOf({ kind, namespace, name }: TouchedObject): ObjectRef[] {
  const known = Object.values(KINDS).find((one) => one.kind === kind);
  return known === undefined ? [] : [{ ...known, namespace, name }];
}
