import { FAULT_KINDS, marksOf, narrowToPlan } from '../../faults/index.ts';
import { FaultlineError, messageOf } from '../../model/errors.ts';
import type { FaultKind, FaultPlan, Mark } from '../../model/fault.ts';
import type { Cluster } from '../../model/ports.ts';
import type { RecoverFrom } from '../../model/recover-command.ts';
import type { Millis } from '../../model/units.ts';
import { type ClusterJournal, damagedText, readClusterJournal } from '../cluster-journal.ts';
import { BY_ITS_JOURNAL, ELSEWHERE, MEANWHILE } from '../elsewhere.ts';
import { holderId } from '../holder.ts';
import { LEASE_LASTS_MS, readLease, writeLease } from '../lease-record.ts';
import { plansRef } from '../lock-objects.ts';
import { permissionText } from '../permissions.ts';
import { isClean, type RecoverPorts, type RecoverResult, recoverCluster } from '../recover.ts';
import { sortPlans } from '../sound-plans.ts';
import { recoveryBound } from '../undo-bound.ts';
import { planDigest } from './digest.ts';
import type { DeadManOrder } from './job.ts';
import { deadManPermissions } from './needs.ts';

/** Pause after a look at a run that lives, and after one that did not work. */
const LOOK_MS: Millis = 5_000;
/** Pause after an undo that left something: whoever wants to decide about it needs the lease, too. */
const AGAIN_MS: Millis = 60_000;

/** Nobody recovers where a dead-man runs. */
const NOBODY: RecoverFrom = { out: undefined, target: undefined };

type DeadManPorts = Omit<RecoverPorts, 'runId' | 'accept' | 'recoverFrom' | 'over'> & {
  /** Called once, when it has seen what it is to put back, and that it may. */
  readonly armed: () => void;
};

/** What it was armed for: the kinds of faults that it looks for, the plans that its run has made, and which of these faults were closed since. */
type Armed = {
  readonly kinds: readonly FaultKind[];
  readonly known: readonly FaultPlan[];
  readonly closed: Set<string>;
};

/**
 * Puts back what a run has left in one cluster, as `recover` does, when its runner is dead: its lease was silent for as long
 * as it lasts, or it has ended without having undone all. A run that goes on after its deadline loses the lease first.
 * Goes on until no plan of the run is in the cluster, no object tells of it, and the run is over, and resolves to true then; to
 * false when it is told to end. Plans that are gone, emptied or damaged say nothing of what is on: anybody may have written there.
 * Where it could not put all back, it is not armed: it rejects while the run lives, and puts back what it can when that is dead.
 */
export async function watchAsDeadMan(cluster: Cluster, order: DeadManOrder, ports: DeadManPorts): Promise<boolean> {
  const { clock, signal } = ports;
  const began = clock.now();
  /** What it was armed for, whatever becomes of the plans. */
  let armed: Armed | undefined;
  /** Why it cannot promise to put all back. */
  let unable: unknown;
  const arm = async (journal: ClusterJournal | undefined): Promise<Armed> => {
    const { sound, damaged } = sortPlans(journal?.plans ?? [], ports.faultKind);
    const untold = whyUntold(cluster, order, journal, damaged);
    const planned = sound.map((plan) => narrowToPlan(ports.faultKind(plan.kind), plan));
    // One of several plans may have been taken away before this was started; of what is not told nobody knows the kinds.
    const kinds = untold === undefined ? [...planned, ...(await listableKinds(cluster, order))] : FAULT_KINDS;
    const known = sound.filter((plan) => order.digests.includes(planDigest(plan)));
    const own = { kinds, known, closed: new Set<string>() };
    try {
      if (untold !== undefined) throw untold;
      await requireAble(cluster, order, sound, ports);
      ports.armed();
      armed = own;
    } catch (error) {
      if (isPassing(error)) throw error;
      unable = error;
    }
    return own;
  };
  /** Resolves to the pause before the next look; to undefined when nothing of the run is left. */
  const look = async (): Promise<Millis | undefined> => {
    const own = armed ?? (await arm(await journalOf(cluster, order)));
    if ((clock.now() - began) / 1000 >= order.afterMs) await seize(cluster, order, ports);
    const isOver = await putBack(cluster, order, own, ports);
    if (armed === undefined) ports.say(messageOf(unable));
    return isOver ? undefined : AGAIN_MS;
  };
  const inTrouble = (error: unknown): Millis => {
    // Whoever lives and holds the lease can do what it cannot, and has to hear that it is not armed.
    if (armed === undefined && unable !== undefined && isHeld(error)) throw unable;
    if (!isHeld(error)) ports.say(messageOf(error));
    return LOOK_MS;
  };
  while (!signal.aborted) {
    const pauseMs = await look().catch(inTrouble);
    if (pauseMs === undefined) return true;
    await clock.sleep(pauseMs, signal);
  }
  return false;
}

/** Undefined where they are gone, or another run's. */
async function journalOf(cluster: Cluster, { runId, namespace }: DeadManOrder): Promise<ClusterJournal | undefined> {
  const journal = await readClusterJournal(cluster, namespace, runId);
  return journal?.runId === runId ? journal : undefined;
}

/** Why the plans do not tell all that there may be to undo; undefined where they do, as far as anybody can see. */
function whyUntold(
  cluster: Cluster,
  { runId, namespace }: DeadManOrder,
  journal: ClusterJournal | undefined,
  damaged: ReturnType<typeof sortPlans>['damaged'],
): FaultlineError | undefined {
  if (journal?.damaged) return new FaultlineError('JOURNAL', damagedText(cluster, journal));
  const [first] = damaged;
  if (first !== undefined) return new FaultlineError('JOURNAL', `the plan of fault ${first.fault}: ${first.why}`);
  if (journal !== undefined && journal.plans.length > 0) return undefined;
  const where = `cluster ${cluster.name}: ConfigMap ${namespace}/${plansRef(namespace).name}`;
  const what = `has no plan of run ${runId}: only objects may tell what there is to undo`;
  return new FaultlineError('JOURNAL', `${where} ${what}`);
}

/** The kinds of fault as far as their marks may be looked for: its role has those of all faults of its run. */
async function listableKinds(cluster: Cluster, { namespaces }: DeadManOrder): Promise<readonly FaultKind[]> {
  const listable = new Set<string>();
  const ask = async ({ kind, resource, scope }: Mark): Promise<void> => {
    const places = scope === 'cluster' ? [''] : namespaces;
    const answers = await Promise.all(places.map((place) => cluster.can('list', kind, place).catch(unlessServed)));
    if (answers.every(Boolean)) listable.add(resource);
  };
  await Promise.all(marksOf(FAULT_KINDS).map(ask));
  return FAULT_KINDS.map((kind) => ({ ...kind, marks: kind.marks.filter(({ resource }) => listable.has(resource)) }));
}

/** A cluster without the CRD of a kind has no object of it. */
function unlessServed(error: unknown): false {
  if (error instanceof FaultlineError && error.code === 'KIND_NOT_SERVED') return false;
  throw error;
}

/** Rejects with PERMISSION_DENIED, with all that is missing. */
async function requireAble(
  cluster: Cluster,
  { namespace }: DeadManOrder,
  plans: readonly FaultPlan[],
  { faultKind }: DeadManPorts,
): Promise<void> {
  const needs = deadManPermissions(namespace, plans, faultKind);
  const answers = await Promise.all(
    needs.map(async (need) => ({ need, allowed: await cluster.can(need.verb, need, need.namespace) })),
  );
  const missing = answers.filter(({ allowed }) => !allowed).map(({ need }) => need);
  if (missing.length === 0) return;
  const texts = missing.map((need) => permissionText({ ...need, cluster: cluster.name }));
  throw new FaultlineError('PERMISSION_DENIED', `the dead-man's service account may not: ${texts.join('; ')}`);
}

/**
 * Takes the lease from the run itself, and from nobody else, though it is renewed: the run hears that it is lost. Whatever it
 * began to write before has ended, and it begins nothing more, when the lease would have run out.
 */
async function seize(
  cluster: Cluster,
  order: DeadManOrder,
  { clock, signal, holder, say }: DeadManPorts,
): Promise<void> {
  for (;;) {
    const record = await readLease(cluster, order.namespace);
    if (record.holder === undefined || holderId(record.holder) !== order.runId) return;
    if (!(await writeLease(cluster, order.namespace, record, holder, clock.wall()))) continue;
    say(`run ${order.runId} is over its time: it has lost the lease`);
    await clock.sleep(LEASE_LASTS_MS, signal);
    return;
  }
}

/**
 * Notes of known plans that somebody has closed them: a run, or a recovery, takes the plan of each fault away that is undone while others are open.
 * Plans that are gone altogether, emptied or damaged are no such sign.
 */
function noteClosed({ known, closed }: Armed, journal: ClusterJournal | undefined): void {
  if (journal === undefined || journal.damaged || journal.plans.length === 0) return;
  for (const { fault } of known) if (!journal.plans.some((plan) => plan.fault === fault)) closed.add(fault);
}

/**
 * Whether the run has taken its plans, which finalizers may hold, and given its lease back: then all was undone, and what stands there
 * since is somebody else's.
 */
async function endOf(cluster: Cluster, order: DeadManOrder): Promise<'ended' | 'ended, plans held' | undefined> {
  const journal = await journalOf(cluster, order);
  if (journal !== undefined && !journal.held) return undefined;
  if ((await readLease(cluster, order.namespace)).holder !== undefined) return undefined;
  return journal === undefined ? 'ended' : 'ended, plans held';
}

/** Resolves to whether nothing is left. Rejects with LEASE_HELD while somebody lives. */
async function putBack(cluster: Cluster, order: DeadManOrder, own: Armed, ports: DeadManPorts): Promise<boolean> {
  if (ports.signal.aborted) return false;
  const { runId, namespace: lockNamespace, namespaces } = order;
  const scope = { namespaces, kinds: own.kinds, lockNamespace };
  const isClosed = ({ fault }: FaultPlan, journal: ClusterJournal | undefined): boolean => {
    noteClosed(own, journal);
    return own.closed.has(fault);
  };
  const end = await endOf(cluster, order);
  const known = end === undefined ? own.known : [];
  const isHeld = end === 'ended, plans held';
  const { over, release } = recoveryBound(ports.signal, ports.clock);
  const quiet = { ...ports, isClosed, isJournalled: () => isHeld, over, runId, recoverFrom: NOBODY, say: () => {} };
  const result = await recoverCluster(cluster, scope, known, quiet).finally(release);
  tell(result, ports.say);
  // Whoever has deleted the plans has been told that they are held.
  return isClean(result) || (isHeld && result.undone.every(({ outcome }) => outcome.state === 'undone'));
}

/** What others have put back is not told. */
function tell({ undone, leftovers, problems }: RecoverResult, say: (text: string) => void): void {
  const byOthers = [MEANWHILE, BY_ITS_JOURNAL, ELSEWHERE];
  for (const { fault, outcome } of undone.filter((one) => !byOthers.includes(one.outcome)))
    say(`fault ${fault}: ${outcome.state}: ${outcome.detail}`);
  for (const { ref, held } of leftovers) say(`left: ${ref}${held === undefined ? '' : `, which ${held}`}`);
  for (const problem of problems) say(problem);
}

function isHeld(error: unknown): boolean {
  return error instanceof FaultlineError && error.code === 'LEASE_HELD';
}

/** An API server that does not answer may do so soon; somebody holds the lease for as long as the run lives. */
function isPassing(error: unknown): boolean {
  return error instanceof FaultlineError && ['TARGET_UNREACHABLE', 'KUBE_API'].includes(error.code);
}
