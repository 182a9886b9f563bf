import { isApiAnswer } from '../../kube/api-error.ts';
import { CredentialsError } from '../../kube/credentials-error.ts';
import { FaultlineError, messageOf } from '../../model/errors.ts';
import type { FaultPlan, UndoOutcome } from '../../model/fault.ts';
import type { JournalCluster } from '../../model/journal.ts';
import { isOwnTrouble } from '../../model/own-trouble.ts';
import { clusterText, goneCommand, recoverCommand } from '../../model/recover-command.ts';
import { byHandOf } from '../../run/by-hand.ts';
import { MEANWHILE } from '../../run/elsewhere.ts';
import type { RecoverPorts, RecoverResult } from '../../run/recover.ts';
import { recoverGone } from '../../run/recover-gone.ts';
import { shownOutcome } from '../../run/shown.ts';
import { sortPlans } from '../../run/sound-plans.ts';
import { closeIn, isClosed, isClosedInCopy, type Known } from './known.ts';
import { NOTHING, type Recovered, toldAt } from './recovered.ts';

type UnreachedPorts = RecoverPorts & {
  /** What all run folders tell. */
  readonly all: readonly Known[];
  /** Whether a cluster of this UID answers at another place that is known. */
  readonly isElsewhere: (uid: string) => Promise<boolean>;
};

/** Another folder of the same run, which goes on further, has it closed. */
const BY_ITS_COPY: UndoOutcome = {
  ...{ state: 'undone', objects: [], commands: [] },
  detail: 'another run folder of its run says that it was undone',
};

/** Whether a person has said that this cluster is gone for good. */
export function isCalledGone(
  { name }: Pick<JournalCluster, 'name'>,
  { accept }: Pick<RecoverPorts, 'accept'>,
): boolean {
  return accept?.only.some((one) => one.toLowerCase() === clusterText(name).toLowerCase()) ?? false;
}

/**
 * What becomes of what a journal has open where its cluster cannot be asked, for this reason. What lies outside of a cluster outlives it:
 * it is undone where the cluster was a sandbox that has ended with its run, or where a person says that it is gone for good. Else all
 * stays open, and the ways on are told.
 */
export async function recoverUnreached(known: Known, error: unknown, ports: UnreachedPorts): Promise<Recovered> {
  const { where, runId } = known;
  if (where.ephemeral && !ports.over.aborted && !isSilent(error) && !isOwnTrouble(error))
    return recoverEnded(known, ports);
  if (!isCalledGone(where, ports) || isApiAnswer(error) || isOwnTrouble(error))
    return stillOpen(known, whyText(known, error, ports), ports);
  if (await ports.isElsewhere(where.uid)) {
    const { uid, kubeconfig, context } = where;
    const why =
      `it is not gone: a cluster of its kube-system UID ${uid} answers at another place that a journal or the targets file names. ` +
      `Have context ${context} of ${kubeconfig} lead to it, and recover again`;
    return stillOpen(known, why, ports);
  }
  const { name, kubeconfig, context } = where;
  const recovery = await goneOf(known, ports, true);
  const unwritten = closeIn(known, recovery, ports.clock);
  return { ...NOTHING, recoveries: [recovery], unwritten, gone: [{ runId, cluster: name, kubeconfig, context }] };
}

/** A sandbox is in the process of its run, or a child of that: nothing is there, or something else, but nobody who does not answer. */
function isSilent(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  return error.name === 'TimeoutError' || isSilent(error.cause);
}

async function recoverEnded(known: Known, ports: UnreachedPorts): Promise<Recovered> {
  const { runId, where } = known;
  const recovery = await goneOf(known, ports, false);
  const what = `cluster ${where.name} was a sandbox for that run only; it has ended, and its faults with it`;
  if (recovery.undone.length === 0) {
    ports.say(what);
    return { ...NOTHING, ended: [runId] };
  }
  ports.say(`${what}, but for what lies outside of it: ${recovery.undone.map(({ fault }) => fault).join(', ')}`);
  return { ...NOTHING, recoveries: [recovery], unwritten: closeIn(known, recovery, ports.clock), ended: [runId] };
}

function goneOf(known: Known, ports: UnreachedPorts, closesInside: boolean): Promise<RecoverResult> {
  const closed = (plan: FaultPlan) => {
    if (isClosed(plan, known)) return MEANWHILE;
    return isClosedInCopy(plan, known, ports.all) ? BY_ITS_COPY : undefined;
  };
  return recoverGone(known.where, known.open, { ...ports, closed, closesInside });
}

/** Nothing was done; what lies outside of the cluster is told with the way to undo it by hand. */
async function stillOpen({ where, open, runId }: Known, why: string, ports: UnreachedPorts): Promise<Recovered> {
  const { faultKind, recoverFrom } = ports;
  const recover = recoverCommand(recoverFrom, runId);
  const { sound } = sortPlans(open, faultKind);
  const outside = sound.filter(({ kind }) => faultKind(kind).local !== undefined);
  const undone = outside.map(async (plan) => {
    const { commands, ...words } = await byHandOf(plan, faultKind, {});
    const outcome: UndoOutcome = {
      state: 'failed',
      detail: 'its cluster could not be asked, and nothing was run',
      ...words,
      objects: plan.objects.map((object) => ({ ...object, state: 'left-behind' })),
      commands: [...commands, recover],
    };
    return { runId, fault: plan.fault, outcome: shownOutcome(plan, outcome, recover) };
  });
  const recovery = {
    cluster: where.name,
    undone: await Promise.all(undone),
    searched: [],
    leftovers: [],
    problems: [],
  };
  const problems = [toldAt(`cluster ${where.name}`, why)];
  return { ...NOTHING, recoveries: outside.length === 0 ? [] : [recovery], problems };
}

function whyText({ where, runId }: Known, error: unknown, { recoverFrom }: RecoverPorts): string {
  const { name, uid } = where;
  const hint = error instanceof FaultlineError && error.hint !== undefined ? ` (${error.hint.replace(/\.$/, '')})` : '';
  const what = `${messageOf(error)}${hint}`;
  if (isApiAnswer(error))
    return `${what}. An API server answers there, and does not say which cluster it is: it is not taken for gone`;
  if (isOwnTrouble(error))
    return `${what}. That is trouble of this machine, and says nothing of the cluster, which is not taken for gone: mend it, and recover again`;
  if (error instanceof CredentialsError)
    return `${what}. Nobody has asked the cluster, which is not taken for gone: see to its credentials, and recover again`;
  return (
    `${what}. Where the cluster that the run knew (kube-system UID ${uid}) is gone for good, and the run has ended, which no lease can ` +
    'tell any more, this closes its faults as gone with it and writes to no cluster; what they have done outside of it is undone first: ' +
    goneCommand(recoverCommand(recoverFrom, runId), name)
  );
}
