import { existsSync } from 'node:fs';
import { basename } from 'node:path';
import { faultKind } from '../../faults/index.ts';
import { openCluster } from '../../kube/kubeconfig.ts';
import { readRunMarker, removeRunMarker } from '../../load/index.ts';
import { FaultlineError, messageOf } from '../../model/errors.ts';
import { EXIT } from '../../model/exit.ts';
import type { JournalCluster, JournalEntry } from '../../model/journal.ts';
import type { Cluster } from '../../model/ports.ts';
import type { LoadCluster } from '../../model/target.ts';
import { type Recovery, recoverCluster } from '../../run/recover.ts';
import { systemClock } from '../../run/system-clock.ts';
import { openFaults, openJournal, readJournal } from '../../store/journal-file.ts';
import { listRunFolders, type RunFolder } from '../../store/run-folder.ts';
import { endLoad } from '../load-cluster.ts';
import { openTarget } from '../open-target.ts';
import { type Console, openConsole, reportError } from '../output.ts';

type Options = { run?: string; scan: boolean; target?: string; out: string; output: 'text' | 'json' };

/** What recovering came to: a cluster that could not be reached keeps no other from being recovered. */
type Outcome = {
  readonly recoveries: readonly Recovery[];
  readonly problems: readonly string[];
  /** Load that was ended, in words. */
  readonly load?: readonly string[];
};

/** `faultline recover`: exit 0 only when nothing of ours is left, 2 when nobody could be asked, else 5. */
export async function recover(_args: readonly string[], options: Options): Promise<number> {
  const out = openConsole(options.output);
  try {
    checkUsage(options);
    const { target } = options;
    return tell(target === undefined ? await fromFolders(options, out) : await fromTarget(options, target), out);
  } catch (error) {
    return reportError(out, error, EXIT.undoIncomplete);
  }
}

function checkUsage({ scan, target }: Options): void {
  if (scan && target === undefined) {
    throw new FaultlineError('USAGE', '--scan needs --target with a targets file: which clusters shall be asked?');
  }
  if (target === 'sandbox') {
    throw new FaultlineError('USAGE', '--target sandbox would start a new sandbox, which has nothing to recover', {
      hint: 'For one that `faultline sandbox up` keeps running, name its targets file.',
    });
  }
}

function ports(options: Options) {
  return { clock: systemClock, faultKind, runId: options.run, signal: new AbortController().signal };
}

async function fromTarget(options: Options, name: string): Promise<Outcome> {
  const { target, clusters, close } = await openTarget(name, undefined);
  try {
    const parts = await Promise.all(
      [...clusters.values()].map(({ cluster }) =>
        attempt(`cluster ${cluster.name}`, async () => ({
          recoveries: [await recoverCluster(cluster, target.namespaces, [], ports(options))],
          problems: [],
        })),
      ),
    );
    return join([...parts, await attempt('the load cluster', () => recoverLoad(target.loadCluster, options.run))]);
  } finally {
    await close();
  }
}

/** Pods that a run has left sending. */
async function recoverLoad(where: LoadCluster | undefined, runId: string | undefined): Promise<Outcome> {
  const deleted = where === undefined ? [] : await endLoad(where, runId);
  return { recoveries: [], problems: [], load: deleted.map((what) => `load (${where?.context}): deleted ${what}`) };
}

async function fromFolders(options: Options, out: Console): Promise<Outcome> {
  const folders = listRunFolders(options.out).filter(
    (folder) => options.run === undefined || basename(folder.path) === options.run,
  );
  if (folders.length === 0) {
    const what = options.run === undefined ? 'no run' : `no run ${options.run}`;
    throw new FaultlineError(
      'USAGE',
      `there is ${what} in ${options.out}: nothing is known to be left, or to be undone`,
      {
        hint: 'Name the folder with --out, or ask the clusters: faultline recover --scan --target <targets file>',
      },
    );
  }
  const parts = [];
  for (const folder of folders) {
    parts.push(await attempt(folder.path, () => recoverFolder(folder, options, out)));
    parts.push(await attempt(`${folder.path}: its load`, () => recoverNoted(folder)));
  }
  return join(parts);
}

async function attempt(what: string, act: () => Promise<Outcome>): Promise<Outcome> {
  try {
    return await act();
  } catch (error) {
    return { recoveries: [], problems: [`${what}: ${messageOf(error)}`] };
  }
}

function join(parts: readonly Outcome[]): Outcome {
  return {
    recoveries: parts.flatMap((part) => part.recoveries),
    problems: parts.flatMap((part) => part.problems),
    load: parts.flatMap((part) => part.load ?? []),
  };
}

/** Load whose end the run has not seen. */
async function recoverNoted({ path }: RunFolder): Promise<Outcome> {
  const note = await readRunMarker(path);
  if (note === undefined) return join([]);
  const outcome = await recoverLoad(note.where, note.runId);
  await removeRunMarker(path);
  return outcome;
}

type Intent = Extract<JournalEntry, { state: 'intent' }>;

async function recoverFolder(folder: RunFolder, options: Options, out: Console): Promise<Outcome> {
  if (!existsSync(folder.journal)) return join([]);
  const open = openFaults(readJournal(folder.journal));
  const clusters = new Map(open.map((entry) => [entry.cluster.name, entry.cluster]));
  const parts = [];
  for (const where of clusters.values()) {
    const own = open.filter((entry) => entry.cluster.name === where.name);
    parts.push(await attempt(`cluster ${where.name}`, () => recoverJournal(folder, where, own, options, out)));
  }
  return join(parts);
}

async function recoverJournal(
  folder: RunFolder,
  where: JournalCluster,
  open: readonly Intent[],
  options: Options,
  out: Console,
): Promise<Outcome> {
  const cluster = await reach(where, out);
  if (cluster === undefined) return join([]);
  const plans = open.map((entry) => entry.plan);
  const runId = basename(folder.path);
  const recovery = await recoverCluster(cluster, where.namespaces, plans, { ...ports(options), runId });
  const journal = openJournal(folder.journal);
  for (const { fault, outcome } of recovery.undone) {
    journal.append({ state: 'closed', fault, outcome, wall: systemClock.wall().toISOString() });
  }
  journal.close();
  return { recoveries: [recovery], problems: [] };
}

/** Undefined when the cluster lived only for its run. Throws TARGET_MISMATCH for another cluster at its place. */
async function reach(where: JournalCluster, out: Console): Promise<Cluster | undefined> {
  try {
    const { name, region, kubeconfig, context } = where;
    const cluster = openCluster({ name, region, kubeconfig, context, gateways: [] }, systemClock);
    const { uid } = await cluster.identity();
    if (uid === where.uid) return cluster;
    const what = `kube-system UID is ${uid}, the journal says ${where.uid}`;
    throw new FaultlineError('TARGET_MISMATCH', what);
  } catch (error) {
    if (!where.ephemeral) throw error;
    out.say(`cluster ${where.name} was a sandbox for that run only; it has ended, and its faults with it`);
    return undefined;
  }
}

function tell({ recoveries, problems, load = [] }: Outcome, out: Console): number {
  const each = <T>(pick: (recovery: Recovery) => readonly T[]) =>
    recoveries.flatMap((recovery) => pick(recovery).map((entry) => ({ cluster: recovery.cluster, ...entry })));
  const undone = each((recovery) => recovery.undone);
  const left = each((recovery) => recovery.leftovers);
  const clean = problems.length === 0 && left.length === 0 && undone.every((entry) => entry.outcome.state === 'undone');
  const code = clean ? EXIT.pass : EXIT.undoIncomplete;
  if (out.json) {
    out.data(JSON.stringify({ clean, undone, left, load, problems }, null, 2));
    return code;
  }
  for (const { cluster, runId, fault, outcome } of undone) {
    out.data(`${cluster}: run ${runId}, fault ${fault}: ${outcome.state} (${outcome.detail})`);
    for (const command of outcome.commands) out.data(`  ${command}`);
  }
  for (const { cluster, ref, command } of left) out.data(`${cluster}: ${ref} still carries a mark\n  ${command}`);
  for (const ended of load) out.data(ended);
  for (const problem of problems) out.data(`NOT recovered: ${problem}`);
  out.data(clean ? 'Nothing of faultline is left.' : 'NOT everything is undone: see above.');
  return code;
}
