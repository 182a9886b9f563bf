import { undoFenced } from '../faults/fence.ts';
import type { LostWrite } from '../faults/lost-writes.ts';
import { messageOf } from '../model/errors.ts';
import type { FaultContext, FaultKind, FaultPlan, UndoOutcome } from '../model/fault.ts';
import { inContext } from '../model/kubectl.ts';
import { conflictsIn, objectText } from './accept.ts';
import { again } from './again.ts';

/**
 * Undoes one fault: the only way a run and `recover` do it. What was `lost` of its writes may still be done: it is fenced
 * off, or waited for and undone as well. An undo that fails is tried again a few times. Never rejects: one that goes on
 * failing is `failed`, which is no conflict, since nobody's change was found.
 */
export async function undoFault(
  plan: FaultPlan,
  kindOf: (kind: string) => FaultKind,
  context: FaultContext,
  lost: readonly LostWrite[],
): Promise<UndoOutcome> {
  const outcome = await tried(plan, kindOf, context, lost);
  const commands = outcome.commands.map((command) => inContext(command, context.cluster));
  return { ...outcome, commands: [...commands, ...nextOf(plan.runId, outcome)] };
}

async function tried(
  plan: FaultPlan,
  kindOf: (kind: string) => FaultKind,
  context: FaultContext,
  lost: readonly LostWrite[],
): Promise<UndoOutcome> {
  try {
    const kind = kindOf(plan.kind);
    const undo = () => kind.undo(plan, context);
    return await again(context.clock, () => undoFenced(lost, { runId: plan.runId, context, undo }));
  } catch (error) {
    return {
      state: 'failed',
      detail: `the undo failed: ${messageOf(error)}`,
      objects: plan.objects.map((object) => ({ ...object, state: 'left-behind' })),
      commands: [],
    };
  }
}

/** How faultline itself goes on from there: tries again, or takes a person's word for what stands there. */
function nextOf(runId: string, { state, objects }: UndoOutcome): string[] {
  const recover = `faultline recover --run ${runId}`;
  if (state === 'undone') return [];
  const open = state === 'conflict' ? conflictsIn(objects) : [];
  return open.length === 0
    ? [recover]
    : open.map((object) => `${recover} --accept-current --only ${objectText(object)}`);
}
