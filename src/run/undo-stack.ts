import pRetry from 'p-retry';
import { messageOf } from '../model/errors.ts';
import type { FaultContext, FaultKind, FaultPlan, UndoOutcome } from '../model/fault.ts';
import type { Journal } from '../model/journal.ts';
import type { Clock, HistoryWriter } from '../model/ports.ts';

/** One fault that has been begun and must be undone, whatever happens. */
export type OpenFault = {
  readonly kind: FaultKind;
  readonly plan: FaultPlan;
  /** Undo works in the same context as inject, but with its own signal. */
  readonly context: FaultContext;
  /** True once it could not be kept up; the history says so. */
  readonly stalled: () => boolean;
  /** Ends what keeps the fault up and waits until it has stopped acting. */
  readonly endSustain: () => Promise<void>;
};

export type UndoPorts = {
  readonly history: HistoryWriter;
  readonly journal: Journal;
  readonly clock: Clock;
  /** Aborted when nobody has time to wait for rollouts: the writes are made all the same. */
  readonly hurry: AbortSignal;
};

/**
 * Undoes faults in reverse order of their injection. A step that fails is tried again a few times and never keeps the
 * next one from being undone.
 */
export async function undoAll(faults: readonly OpenFault[], ports: UndoPorts): Promise<UndoOutcome[]> {
  const outcomes: UndoOutcome[] = [];
  for (const fault of [...faults].reverse()) outcomes.push(await undoOne(fault, ports));
  return outcomes;
}

async function undoOne(fault: OpenFault, ports: UndoPorts): Promise<UndoOutcome> {
  const { history, journal, clock, hurry } = ports;
  const name = fault.plan.fault;
  const wall = () => clock.wall().toISOString();
  // First, so that what it has to say of itself comes before the undo.
  await fault.endSustain();
  history.append({ type: 'fault', fault: name, step: 'undo-requested' });
  tryJournal(ports, () => journal.append({ state: 'undo-intent', fault: name, wall: wall() }));
  const outcome = await outcomeOf(fault, hurry);
  const { state, detail, objects, commands } = outcome;
  if (state === 'failed') {
    history.append({ type: 'fault', fault: name, step: 'undo-failed', detail, objects });
    return { state: 'conflict', detail, objects, commands };
  }
  history.append({
    type: 'fault',
    fault: name,
    step: state === 'undone' ? 'undone' : 'undo-conflict',
    detail,
    objects,
  });
  const closed: UndoOutcome = { state, detail, objects, commands };
  tryJournal(ports, () => journal.append({ state: 'closed', fault: name, outcome: closed, wall: wall() }));
  return closed;
}

async function outcomeOf(
  fault: OpenFault,
  hurry: AbortSignal,
): Promise<Omit<UndoOutcome, 'state'> & { state: UndoOutcome['state'] | 'failed' }> {
  const context = { ...fault.context, signal: hurry };
  try {
    return await pRetry(() => fault.kind.undo(fault.plan, context), { retries: 4, minTimeout: 250, maxTimeout: 2_000 });
  } catch (error) {
    return {
      state: 'failed',
      detail: `the undo failed: ${messageOf(error)}`,
      objects: fault.plan.objects.map((object) => ({ ...object, state: 'left-behind' })),
      commands: [`faultline recover --run ${fault.plan.runId}`],
    };
  }
}

/** A journal that cannot be written must not keep an undo from happening. */
function tryJournal({ history }: UndoPorts, write: () => void): void {
  try {
    write();
  } catch (error) {
    history.append({ type: 'notice', level: 'warning', text: `journal: ${messageOf(error)}` });
  }
}
