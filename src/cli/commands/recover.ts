import { existsSync } from 'node:fs';
import { faultKind } from '../../faults/index.ts';
import { openCluster } from '../../kube/kubeconfig.ts';
import { FaultlineError, messageOf } from '../../model/errors.ts';
import { EXIT } from '../../model/exit.ts';
import type { FaultPlan } from '../../model/fault.ts';
import type { JournalCluster } from '../../model/journal.ts';
import type { Cluster } from '../../model/ports.ts';
import { type Recovery, recoverCluster } from '../../run/recover.ts';
import { systemClock } from '../../run/system-clock.ts';
import { openFaults, openJournal, readJournal } from '../../store/journal-file.ts';
import { listRunFolders, type RunFolder } from '../../store/run-folder.ts';
import { openTarget } from '../open-target.ts';
import { type Console, openConsole, reportError } from '../output.ts';

type Options = { run?: string; scan: boolean; target?: string; out: string; output: 'text' | 'json' };

/** `faultline recover`: exit 0 only when nothing of ours is left, else 5. */
export async function recover(_args: readonly string[], options: Options): Promise<number> {
  const out = openConsole(options.output);
  try {
    const recoveries =
      options.target === undefined ? await fromFolders(options, out) : await fromTarget(options, options.target);
    if (options.target === undefined && options.scan) {
      throw new FaultlineError('USAGE', '--scan needs --target with a targets file: which clusters shall be asked?');
    }
    return tell(recoveries, out);
  } catch (error) {
    return reportError(out, error, EXIT.undoIncomplete);
  }
}

function ports(options: Options) {
  return { clock: systemClock, faultKind, runId: options.run, signal: new AbortController().signal };
}

async function fromTarget(options: Options, name: string): Promise<Recovery[]> {
  const { target, clusters } = await openTarget(name, undefined);
  const recoveries = [];
  for (const { cluster } of clusters.values()) {
    recoveries.push(await recoverCluster(cluster, target.namespaces, [], ports(options)));
  }
  return recoveries;
}

async function fromFolders(options: Options, out: Console): Promise<Recovery[]> {
  const recoveries: Recovery[] = [];
  for (const folder of listRunFolders(options.out)) {
    if (options.run !== undefined && !folder.path.endsWith(options.run)) continue;
    if (existsSync(folder.journal)) recoveries.push(...(await recoverFolder(folder, options, out)));
  }
  return recoveries;
}

async function recoverFolder(folder: RunFolder, options: Options, out: Console): Promise<Recovery[]> {
  const open = openFaults(readJournal(folder.journal));
  const clusters = new Map(open.map((entry) => [entry.cluster.name, entry.cluster]));
  const recoveries: Recovery[] = [];
  const journal = openJournal(folder.journal);
  for (const where of clusters.values()) {
    const plans = open.filter((entry) => entry.cluster.name === where.name).map((entry) => entry.plan);
    const cluster = await reach(where, out);
    const recovery =
      cluster === undefined
        ? goneWithSandbox(where, plans)
        : await recoverCluster(cluster, where.namespaces, plans, ports(options));
    recoveries.push(recovery);
    for (const { fault, outcome } of recovery.undone) {
      journal.append({ state: 'closed', fault, outcome, wall: systemClock.wall().toISOString() });
    }
  }
  journal.close();
  return recoveries;
}

/** Undefined when the cluster was a sandbox that has ended. Throws TARGET_MISMATCH for another cluster at its place. */
async function reach(where: JournalCluster, out: Console): Promise<Cluster | undefined> {
  try {
    const { name, region, kubeconfig, context } = where;
    const cluster = openCluster({ name, region, kubeconfig, context, gateways: [] }, systemClock);
    const { uid } = await cluster.identity();
    if (uid === where.uid) return cluster;
    throw new FaultlineError(
      'TARGET_MISMATCH',
      `cluster ${name}: kube-system UID is ${uid}, the journal says ${where.uid}`,
    );
  } catch (error) {
    if (where.target !== 'sandbox') throw error;
    out.say(`the sandbox of ${where.name} has ended, and its faults with it (${messageOf(error)})`);
    return undefined;
  }
}

function goneWithSandbox(where: JournalCluster, plans: readonly FaultPlan[]): Recovery {
  const outcome = { state: 'undone', detail: 'the sandbox has ended', objects: [], commands: [] } as const;
  return { cluster: where.name, undone: plans.map(({ runId, fault }) => ({ runId, fault, outcome })), leftovers: [] };
}

function tell(recoveries: readonly Recovery[], out: Console): number {
  const undone = recoveries.flatMap((recovery) =>
    recovery.undone.map((entry) => ({ cluster: recovery.cluster, ...entry })),
  );
  const left = recoveries.flatMap((recovery) =>
    recovery.leftovers.map((entry) => ({ cluster: recovery.cluster, ...entry })),
  );
  const clean = left.length === 0 && undone.every((entry) => entry.outcome.state === 'undone');
  if (out.json) {
    out.data(JSON.stringify({ clean, undone, left }, null, 2));
    return clean ? EXIT.pass : EXIT.undoIncomplete;
  }
  for (const { cluster, runId, fault, outcome } of undone) {
    out.data(`${cluster}: run ${runId}, fault ${fault}: ${outcome.state} (${outcome.detail})`);
    for (const command of outcome.commands) out.data(`  ${command}`);
  }
  for (const { cluster, ref, command } of left) out.data(`${cluster}: ${ref} still carries a mark; ${command}`);
  out.data(clean ? 'Nothing of faultline is left.' : 'NOT everything is undone: see above.');
  return clean ? EXIT.pass : EXIT.undoIncomplete;
}
