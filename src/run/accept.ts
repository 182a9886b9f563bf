import { markedBy, unmarkOps } from '../faults/marks.ts';
import { restore } from '../faults/rewrite.ts';
import type { FaultPlan, Mark, UndoOutcome } from '../model/fault.ts';
import { CREATED, type TouchedObject } from '../model/history.ts';
import { KINDS, type ObjectRef } from '../model/kubernetes.ts';
import type { Cluster } from '../model/ports.ts';
import { objectText } from '../model/recover-command.ts';

/** Conflicts that a person has decided to leave as they stand: those of these objects, or all where none is named. */
export type Accepted = { readonly only: readonly string[] };

/**
 * Closes the conflicts of an undo that a person has decided: what stands there stays, and what is left of our marks comes
 * off. An object that still holds something of ours is no conflict and cannot be accepted.
 */
export async function acceptConflicts(
  { runId }: FaultPlan,
  outcome: UndoOutcome,
  accepted: Accepted,
  { cluster, marks }: { readonly cluster: Cluster; readonly marks: readonly Mark[] },
): Promise<UndoOutcome> {
  if (outcome.state !== 'conflict') return outcome;
  const open = conflictsIn(outcome.objects);
  const decided = open.filter((object) => isNamed(object, accepted));
  for (const object of decided) {
    const insides = marks.filter(({ kind }) => kind.kind === object.kind);
    for (const ref of refOf(object)) {
      if (isCreated(object)) await takeAway(cluster, ref, runId);
      else await unmark(cluster, ref, runId, insides);
    }
  }
  const isOver = open.length === decided.length && outcome.objects.every(({ state }) => state !== 'left-behind');
  if (!isOver) return outcome;
  const { first: _, ...decisions } = outcome;
  return { ...decisions, state: 'undone', detail: `${outcome.detail}; accepted as it stands`, commands: [], keep: [] };
}

/** What a run has created has no former owner to keep it. A field or label that was absent before says nothing of its object. */
const isCreated = ({ change }: TouchedObject): boolean => change === CREATED;

async function takeAway(cluster: Cluster, ref: ObjectRef, runId: string): Promise<void> {
  const object = await cluster.get(ref);
  const { uid } = object?.metadata ?? {};
  if (object !== undefined && uid !== undefined && markedBy(object) === runId) await cluster.delete(ref, { uid });
}

async function unmark(cluster: Cluster, ref: ObjectRef, runId: string, marks: readonly Mark[]): Promise<void> {
  await restore(cluster, ref, (object) => {
    if (object === undefined) return [];
    return [...marks.flatMap((mark) => mark.unmark?.(object, runId) ?? []), ...unmarkOps(object, runId)];
  });
}

/** What a person has to decide about. */
export function conflictsIn(objects: readonly TouchedObject[]): TouchedObject[] {
  return objects.filter(({ state }) => state === 'conflict');
}

/** Whether what a person has decided is about this object. */
export function isNamed(object: Parameters<typeof objectText>[0], { only }: Accepted): boolean {
  return only.length === 0 || only.some((name) => name.toLowerCase() === objectText(object).toLowerCase());
}

/** Where an object of a plan is; none where its kind is not one that faults change. */
export function refOf({ kind, namespace, name }: TouchedObject): ObjectRef[] {
  const known = Object.values(KINDS).find((one) => one.kind === kind);
  return known === undefined ? [] : [{ ...known, namespace, name }];
}
