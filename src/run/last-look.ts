import { messageOf } from '../model/errors.ts';
import type { FaultPlan } from '../model/fault.ts';
import { unseenRef } from '../model/leftover.ts';
import type { Clock } from '../model/ports.ts';
import { again } from './again.ts';
import { unreadTexts } from './beyond.ts';
import { searchCarried } from './carried.ts';
import { besidePlans, findLeftovers } from './leftovers.ts';
import type { PlannedRun } from './planned-run.ts';
import type { OpenCluster, RunPorts } from './wiring.ts';

/** Longest wait for what a cluster has to say at the very end. */
const LAST_MS = 20_000;

type Left = { readonly ref: string; readonly command: string; readonly held?: string };
/** What was found, and what could not be looked through, in words. */
type Looked = { readonly objects: readonly Left[]; readonly unread: readonly string[] };

type Ended = {
  /** Every fault is undone. */
  readonly clean: boolean;
  /** The command that recovers the run. */
  readonly recover: string;
  /** How to undo by hand what lies outside of a cluster and was not undone. */
  readonly outside: readonly (Left & { readonly cluster: string })[];
};

/**
 * Looks in every cluster of a run for what carries its mark, and writes that down: in those that a fault touches for what the faults
 * there mark, of which nothing may be left unseen; and in all for what was carried there from another one, as far as that is possible.
 */
export async function lookForLeftovers(
  run: PlannedRun,
  { history, clock }: Pick<RunPorts, 'history' | 'clock'>,
  { clean, recover, outside }: Ended,
): Promise<void> {
  const { runId, target, faults } = run;
  const signs = faults.flatMap(({ kind, plan }): FaultPlan[] => (kind.local === undefined ? [] : [plan]));

  const look = async ([name, { cluster }]: [string, OpenCluster]) => {
    const kindsOf = (isWanted: (plan: FaultPlan) => boolean) =>
      faults.flatMap(({ kind, plan }) => (isWanted(plan) ? [kind] : []));
    const kinds = kindsOf((plan) => plan.cluster === name);
    const carried = kindsOf((plan) => plan.cluster !== name);
    let isLate = false;
    const unseen = (why: string): Looked =>
      kinds.length === 0
        ? { objects: [], unread: [why] }
        : { objects: [{ ref: unseenRef(why), command: recover }], unread: [] };
    const own = async (): Promise<Looked> => {
      // One request that fails must not leave the question open; nobody hears of what is found after the time.
      const search = async () => (isLate ? [] : findLeftovers(cluster, target, runId, kinds));
      return { objects: await again(clock, search), unread: [] };
    };
    const others = async (): Promise<Looked> => {
      const { leftovers, unread } = await searchCarried(cluster, { ...target, kinds, carried }, runId, clock);
      return { objects: leftovers, unread: unread === undefined ? [] : unreadTexts(unread, '') };
    };
    const late = `no answer within ${LAST_MS / 1000} s`;
    const looked = await Promise.all([
      withinLast(
        clock,
        own().catch((error) => unseen(messageOf(error))),
        unseen(late),
      ),
      withinLast(clock, others(), { objects: [], unread: [late] }),
    ]);
    isLate = true;
    const found = new Map(looked.flatMap(({ objects }) => objects.map((one) => [`${one.ref} ${one.command}`, one])));
    const left = clean ? [...found.values()] : besidePlans([...found.values()], target, signs);
    const byHand = outside.flatMap(({ cluster: at, ...one }) => (at === name ? [one] : []));
    const unread = [...new Set(looked.flatMap((one) => one.unread))].join('; ');
    const objects = [...left, ...byHand];
    history.append({ type: 'leftovers', cluster: name, objects, ...(unread === '' ? {} : { unread }) });
  };
  await Promise.all([...run.clusters].map(look));
}

/** What work comes to, or something else: a cluster that does not answer must not keep the run from its end. */
export async function withinLast<T>(clock: Clock, work: Promise<T>, otherwise: T): Promise<T> {
  const done = new AbortController();
  const limit = clock.sleep(LAST_MS, done.signal).then(() => otherwise);
  const result = await Promise.race([work, limit]);
  done.abort();
  return result;
}
