import type { FaultKind, FaultPlan, UndoOutcome } from '../model/fault.ts';
import type { JournalCluster } from '../model/journal.ts';
import { clusterText, goneCommand, recoverCommand } from '../model/recover-command.ts';
import { shellCommand } from '../model/shell.ts';
import { endingClock } from './ending.ts';
import { goneCluster } from './gone-cluster.ts';
import { type RecoverPorts, type RecoverResult, undoPlan } from './recover.ts';
import { sortPlans } from './sound-plans.ts';
import { undoTogether } from './undo-order.ts';

type Gone = Pick<JournalCluster, 'name' | 'region'>;

type GonePorts = RecoverPorts & {
  /** What is known to have become of a fault by now; undefined where it is still open. */
  readonly closed: (plan: FaultPlan) => UndoOutcome | undefined;
  /** A person has said that the cluster is gone: what was in it is closed. Else that is not asked for. */
  readonly closesInside: boolean;
};

/**
 * What becomes of the faults that a local journal has open in a cluster that is gone: of one that has ended with its run, or because a
 * person says so. No request is made, and there is no lease to take: what lies outside of the cluster is undone by the journal's word
 * alone, and may be undone twice by two who do so at once. All else is gone with it, and told where a person has said so.
 */
export async function recoverGone(where: Gone, open: readonly FaultPlan[], ports: GonePorts): Promise<RecoverResult> {
  const isInside = (plan: FaultPlan) => liesInside(plan, ports.faultKind);
  const { sound, damaged } = sortPlans(
    open.filter((plan) => !isInside(plan)),
    ports.faultKind,
  );
  const cluster = goneCluster(where);
  const ending = { ...ports, clock: endingClock(ports.clock, ports.over) };
  const undone = await undoTogether(
    sound,
    (plan) => plan,
    async (plan) => {
      const outcome = ports.closed(plan) ?? (await undoPlan(plan, cluster, [], ending, { clusterGone: true }));
      return { runId: plan.runId, fault: plan.fault, outcome: ports.closesInside ? goneAgain(plan, outcome) : outcome };
    },
  );
  const unreadable = damaged.map(({ runId, fault, why }) => ({ runId, fault, outcome: damagedOutcome(why) }));
  const inside = ports.closesInside ? open.filter(isInside) : [];
  const gone = inside.map((plan) => ({ runId: plan.runId, fault: plan.fault, outcome: goneWith(where, plan) }));
  return {
    ...{ cluster: where.name, searched: [], leftovers: [], problems: [] },
    undone: [...undone, ...unreadable, ...gone],
  };

  /** The cluster is to be called gone the next time, too. */
  function goneAgain({ runId }: FaultPlan, outcome: UndoOutcome): UndoOutcome {
    const recover = recoverCommand(ports.recoverFrom, runId);
    const commands = outcome.commands.map((command) =>
      command === recover ? goneCommand(command, where.name) : command,
    );
    const keep = outcome.keep?.map((command) => `${command} ${shellCommand(['--only', clusterText(where.name)])}`);
    return { ...outcome, commands, ...(keep === undefined ? {} : { keep }) };
  }
}

/** Whether all that a fault has done is in its cluster; not where nobody can tell of which kind it is. */
function liesInside(plan: Partial<FaultPlan> | null, faultKind: (kind: string) => FaultKind): boolean {
  try {
    return faultKind(plan?.kind ?? '').local === undefined;
  } catch {
    return false;
  }
}

function goneWith({ name }: Gone, { objects = [] }: Partial<FaultPlan>): UndoOutcome {
  return {
    state: 'undone',
    detail: `gone with cluster ${name}, as was accepted: nothing was asked, and nothing was written`,
    objects: objects.map((object) => ({ ...object, state: 'gone' })),
    commands: [],
  };
}

function damagedOutcome(why: string): UndoOutcome {
  const detail =
    `its plan in the local journal is damaged: ${why}. It may lie outside of its cluster: undo by hand what the scenario did there, then ` +
    'delete the run folder';
  return { state: 'failed', detail, objects: [], commands: [] };
}
