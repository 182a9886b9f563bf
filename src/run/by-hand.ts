import type { ByHand, FaultContext, FaultKind, FaultPlan, UndoOutcome } from '../model/fault.ts';

const UNKNOWN: ByHand = { commands: [] };

/** How a person undoes a fault that lies outside of its cluster; nothing of others, and where nobody here can tell. */
export async function byHandOf(
  plan: FaultPlan,
  kindOf: (kind: string) => FaultKind,
  context: Pick<FaultContext, 'outside'>,
): Promise<ByHand> {
  try {
    return (await kindOf(plan.kind).local?.byHand(plan, context)) ?? UNKNOWN;
  } catch {
    return UNKNOWN;
  }
}

/**
 * The outcome of an undo; of one that has failed with the way to do it by hand, where the fault lies outside of its cluster: it goes on
 * whatever becomes of that, and may be what keeps the cluster from answering.
 */
export async function toldByHand(
  plan: FaultPlan,
  outcome: UndoOutcome,
  kindOf: (kind: string) => FaultKind,
  context: Pick<FaultContext, 'outside'>,
): Promise<UndoOutcome> {
  if (outcome.state !== 'failed') return outcome;
  const { commands, ...words } = await byHandOf(plan, kindOf, context);
  const untold = commands.filter((command) => !outcome.commands.includes(command));
  return { ...outcome, ...words, commands: [...untold, ...outcome.commands] };
}
