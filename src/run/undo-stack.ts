import type { LostWrite } from '../faults/lost-writes.ts';
import { messageOf } from '../model/errors.ts';
import type { FaultContext, FaultKind, FaultPlan, UndoOutcome } from '../model/fault.ts';
import type { Journal } from '../model/journal.ts';
import type { Clock, HistoryWriter } from '../model/ports.ts';
import { toldByHand } from './by-hand.ts';
import { shownOutcome } from './shown.ts';
import { undoFault } from './undo.ts';
import { undoTogether } from './undo-order.ts';
import { within } from './within.ts';

/** One fault that has been begun and must be undone, whatever happens. */
export type OpenFault = {
  readonly kind: FaultKind;
  readonly plan: FaultPlan;
  /** Undo works in the same context as inject, but with its own signal. */
  readonly context: FaultContext;
  /** Writes of it that nobody has heard the end of. */
  readonly lost: () => readonly LostWrite[];
  /** True once it could not be kept up; the history says so. */
  readonly stalled: () => boolean;
  /** Ends what keeps the fault up and waits until it has stopped acting. */
  readonly endSustain: () => Promise<void>;
  /**
   * Gives up an undo that takes too long, which tells of each error that it tries again after; it is waited for as long as it takes where
   * this is absent.
   */
  readonly inTime?: (undo: (onFailed: (error: unknown) => void) => Promise<UndoOutcome>) => Promise<UndoOutcome>;
};

type UndoPorts = {
  readonly history: HistoryWriter;
  readonly journal: Journal;
  readonly clock: Clock;
  /** Aborted when there is little time: the writes are made all the same, and looked after for a shorter time. */
  readonly hurry: AbortSignal;
  /** The command that recovers this run. */
  readonly recover: string;
  /**
   * Told of each fault that is undone while others are open, with those of its own cluster: what others set on its objects from then on is theirs, also for a
   * recovery of a run that has died by then. Never rejects.
   */
  readonly onUndone?: (cluster: string, open: readonly FaultPlan[]) => Promise<void>;
};

/** How long an undo waits for what keeps its fault up to end; then it begins, and is done once more when that has ended. */
const QUIET_MS = 500;
/** Tries of an undo that fail before people hear of it; most are well after one. */
const TOLD_AFTER = 3;
/** How long the next undo waits for the plan of the one before it to leave the cluster. */
const CLOSING_MS = 1_000;

/**
 * Undoes faults, each by itself: none waits for another one's cluster, rollout or sustaining. A step that fails is tried
 * again a few times and never keeps the others from being undone. The outcomes are in the reverse order of injection.
 */
export function undoAll(faults: readonly OpenFault[], ports: UndoPorts): Promise<UndoOutcome[]> {
  const open = new Set(faults);
  return undoTogether(
    faults,
    ({ plan }) => plan,
    async (fault) => {
      const outcome = await undoOne(fault, ports);
      if (outcome.state === 'undone') await close(fault, open, ports);
      return outcome;
    },
  );
}

/** The last plans of all go when nothing is left to undo. */
async function close(fault: OpenFault, open: Set<OpenFault>, { onUndone, clock }: UndoPorts): Promise<void> {
  open.delete(fault);
  const { cluster } = fault.plan;
  const rest = [...open].flatMap(({ plan }) => (plan.cluster === cluster ? [plan] : []));
  if (onUndone !== undefined && open.size > 0) await within(onUndone(cluster, rest), CLOSING_MS, clock);
}

async function undoOne(fault: OpenFault, ports: UndoPorts): Promise<UndoOutcome> {
  const { history, journal, clock, hurry, recover } = ports;
  const name = fault.plan.fault;
  const wall = () => clock.wall().toISOString();
  // First, so that what it has to say of itself comes before the undo.
  const quiet = fault.endSustain();
  const isQuiet = await within(quiet, QUIET_MS, clock);
  history.append({ type: 'fault', fault: name, step: 'undo-requested' });
  tryJournal(ports, () => journal.append({ state: 'undo-intent', fault: name, wall: wall() }));
  const { inTime = (all) => all(() => {}) } = fault;
  const context = { ...fault.context, signal: hurry };
  const waits = toldWaits(name, history);
  const undo = () =>
    inTime((heard) => {
      const onFailed = (error: unknown) => [heard, waits].forEach((tell) => void tell(error));
      return undoFault(fault.plan, () => fault.kind, context, fault.lost(), recover, onFailed);
    });
  if (!isQuiet) await undo();
  await quiet;
  const told = await toldByHand(fault.plan, await undo(), () => fault.kind, fault.context);
  const outcome = shownOutcome(fault.plan, told, recover);
  const { state, detail, objects, commands } = outcome;
  const byHand = commands.length === 0 ? {} : { commands };
  history.append({ type: 'fault', fault: name, step: STEP[state], detail, objects, ...byHand });
  // One that failed stays open, for `recover`.
  if (state !== 'failed')
    tryJournal(ports, () => journal.append({ state: 'closed', fault: name, outcome, wall: wall() }));
  return outcome;
}

/** Tells people once, of an undo that is tried again and again, why they wait. */
function toldWaits(fault: string, history: HistoryWriter): (error: unknown) => void {
  let failed = 0;
  return (error) => {
    if (++failed !== TOLD_AFTER) return;
    const text = `fault ${fault}: its undo is tried again, as long as that may help: ${messageOf(error)}`;
    history.append({ type: 'notice', level: 'warning', text });
  };
}

const STEP = { undone: 'undone', conflict: 'undo-conflict', failed: 'undo-failed' } as const;

/** A journal that cannot be written must not keep an undo from happening. */
function tryJournal({ history }: UndoPorts, write: () => void): void {
  try {
    write();
  } catch (error) {
    history.append({ type: 'notice', level: 'warning', text: `journal: ${messageOf(error)}` });
  }
}
