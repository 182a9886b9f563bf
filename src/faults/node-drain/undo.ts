import type { FaultContext, UndoOutcome } from '../../model/fault.ts';
import type { TouchedObject } from '../../model/history.ts';
import type { JsonPatchOp, KubeObject } from '../../model/kubernetes.ts';
import { shellCommand } from '../../model/shell.ts';
import type { PlanOf } from '../define.ts';
import { endAll } from '../end-all.ts';
import { isAnew, isMarkedBy, isUnclaimed, otherMark, setOps, UNCLAIMED, unmarkOps } from '../marks.ts';
import { isSetSince } from '../ownership.ts';
import { restore } from '../rewrite.ts';
import { cordonOf, type DrainData, type DrainedNode, nodeRef } from './nodes.ts';
import { cordonText } from './plan.ts';

const CORDON = '/spec/unschedulable';

/** What became of one node that the fault has cordoned. */
type End = {
  readonly node: DrainedNode;
  readonly found: KubeObject | undefined;
  readonly conflict: string | undefined;
  /** It is cordoned, and nobody can tell by whom. */
  readonly stands: boolean;
};

/**
 * Uncordons what the fault has cordoned, each node by itself, and nothing else: a node that is gone has nothing of ours, nor
 * has one that was registered anew, unless it came with our mark; and pods stay where they are now.
 */
export async function undo(plan: PlanOf<DrainData>, context: FaultContext): Promise<UndoOutcome> {
  const ours = plan.data.nodes.filter(({ before }) => before !== true);
  const ends = await endAll(ours.map((node) => uncordon(node, context)));
  const left = ends.filter(({ conflict }) => conflict !== undefined);
  return {
    state: left.length === 0 ? 'undone' : 'conflict',
    detail:
      left.length === 0
        ? `${ends.length} of ${plan.data.nodes.length} nodes had been cordoned by it and are not any more; pods stay where they are now`
        : left.map(({ node, conflict }) => `node ${node.name}: ${conflict}; it was left alone`).join('; '),
    objects: plan.objects.map((object) => touched(object, ends)),
    commands: left.map(({ node }) => shellCommand(['kubectl', 'uncordon', node.name])),
    ...(ends.some(({ stands }) => stands) ? { stands: true } : {}),
  };
}

async function uncordon(node: DrainedNode, context: FaultContext): Promise<End> {
  const { cluster, runId } = context;
  let conflict: string | undefined;
  let stands = false;
  let found: KubeObject | undefined;
  await restore(cluster, nodeRef(node.name), (object) => {
    found = object;
    conflict = object === undefined ? undefined : conflictOf(object, node, runId);
    stands = object !== undefined && conflict === undefined && isOn(object, node) && isUnclaimed(object, context);
    if (stands) conflict = `it is cordoned, ${UNCLAIMED}`;
    return object === undefined || conflict !== undefined ? [] : restoreOps(object, node, runId);
  });
  return { node, found, conflict, stands };
}

function isOn(object: KubeObject, node: DrainedNode): boolean {
  return !isAnew(object, node) && cordonOf(object) === true;
}

function conflictOf(object: KubeObject, node: DrainedNode, runId: string): string | undefined {
  if (isAnew(object, node) && cordonOf(object) === true && isMarkedBy(object, runId)) {
    return 'it was deleted and registered anew with the mark of the run, and is cordoned';
  }
  if (!isOn(object, node)) return undefined;
  const other = otherMark(object, runId);
  if (other !== undefined) return `it is cordoned, but marked by run ${other}`;
  return isSetSince(object, CORDON) ? 'it is cordoned, as by the fault, which somebody else has set since' : undefined;
}

function restoreOps(object: KubeObject, node: DrainedNode, runId: string): JsonPatchOp[] {
  const back = isOn(object, node) ? setOps(CORDON, true, node.before ?? undefined) : [];
  return [...back, ...unmarkOps(object, runId)];
}

function touched(object: TouchedObject, ends: readonly End[]): TouchedObject {
  const end = object.kind === 'Node' ? ends.find(({ node }) => node.name === object.name) : undefined;
  if (end === undefined) return object;
  if (end.conflict !== undefined) return { ...object, after: 'true', state: 'conflict' };
  if (end.found === undefined || isAnew(end.found, end.node)) return { ...object, state: 'gone' };
  return { ...object, after: cordonText(cordonOf(end.found)), state: 'put-back' };
}
