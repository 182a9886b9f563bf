import { undoFenced } from '../faults/fence.ts';
import type { LostWrite } from '../faults/lost-writes.ts';
import { messageOf } from '../model/errors.ts';
import type { FaultContext, FaultKind, FaultPlan, UndoOutcome } from '../model/fault.ts';
import { inContext } from '../model/kubectl.ts';
import { acceptCommand } from '../model/recover-command.ts';
import { conflictsIn } from './accept.ts';
import { patiently } from './again.ts';
import { requestTrace } from './request-trace.ts';
import { unservedIsGone } from './unserved.ts';

/**
 * Undoes one fault: the only way a run and `recover` do it. What was `lost` of its writes may still be done: it is fenced
 * off, or waited for and undone as well. An undo that fails is tried again a few times. Never rejects: one that goes on
 * failing is `failed`, which is no conflict, since nobody's change was found. What is left is told with the ways to go on, among
 * them by `recover`, the command that recovers this run. `onFailed` hears of the error of each try that is followed by another.
 */
export async function undoFault(
  plan: FaultPlan,
  kindOf: (kind: string) => FaultKind,
  context: FaultContext,
  lost: readonly LostWrite[],
  recover: string,
  onFailed?: (error: unknown) => void,
): Promise<UndoOutcome> {
  const outcome = await tried(plan, kindOf, context, lost, onFailed);
  if (outcome.state === 'undone') return outcome;
  const byHand = outcome.commands.map((command) => inContext(command, context.cluster));
  const open = outcome.state === 'conflict' ? conflictsIn(outcome.objects) : [];
  // What was done by hand is seen by a recovery, and closed.
  if (open.length === 0) return { ...outcome, commands: [...byHand, recover] };
  const commands = byHand.length === 0 ? [] : [...byHand, recover];
  return { ...outcome, commands, keep: [acceptCommand(recover, open)] };
}

async function tried(
  plan: FaultPlan,
  kindOf: (kind: string) => FaultKind,
  context: FaultContext,
  lost: readonly LostWrite[],
  onFailed: ((error: unknown) => void) | undefined,
): Promise<UndoOutcome> {
  const { follow, hasDone, soFar } = requestTrace();
  const followed = { ...context, cluster: follow(unservedIsGone(context.cluster)) };
  try {
    const kind = kindOf(plan.kind);
    const undo = () => kind.undo(plan, followed);
    const attempt = () => undoFenced(lost, { runId: plan.runId, context: followed, undo });
    return await patiently(context.clock, attempt, onFailed);
  } catch (error) {
    return {
      state: 'failed',
      detail: `the undo failed: ${messageOf(error)}${hasDone() ? ` (${soFar()})` : ''}`,
      objects: plan.objects.map((object) => ({ ...object, state: 'left-behind' })),
      commands: [],
    };
  }
}
