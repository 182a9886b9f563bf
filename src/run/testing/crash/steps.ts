import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { recoverClusters } from '../../../app/recover/clusters.ts';
import { recoverFolders } from '../../../app/recover/folders.ts';
import { joinRecovered, type Recovered } from '../../../app/recover/recovered.ts';
import { faultKind, kindsReaching } from '../../../faults/index.ts';
import type { HistoryEvent, RunHeader } from '../../../model/history.ts';
import type { JournalEntry } from '../../../model/journal.ts';
import { createJournal, openJournal } from '../../../store/journal-file.ts';
import { type RunFolder, runFolder } from '../../../store/run-folder.ts';
import type { Accepted } from '../../accept.ts';
import { journalCluster } from '../../announcement.ts';
import { executeRun, type RunEnd } from '../../machine.ts';
import type { PlannedRun } from '../../planned-run.ts';
import { isClean } from '../../recover.ts';
import { HERE, stubEngine } from '../bench-run.ts';
import type { Process } from './process.ts';
import { type System, TARGET } from './system.ts';
import type { TroubledClient } from './troubles.ts';

type Opened = Extract<JournalEntry, { state: 'opened' }>;

/** The first entry of the journal of a run. */
export function openedBy(run: PlannedRun): Opened {
  return {
    state: 'opened',
    runId: run.runId,
    clusters: [...run.clusters.values()].map((open) => journalCluster(run, open)),
    plans: run.faults.map(({ plan }) => plan),
    wall: run.clock.wall().toISOString(),
  };
}

/** A run and what it has told. */
type Ran = { readonly end: RunEnd | 'dead'; readonly events: readonly HistoryEvent[] };

/** Runs as one process, until it is told to `stop` where it is; resolves when it has ended or was killed. */
export async function run(
  planned: PlannedRun,
  process: Process,
  stop: AbortSignal = new AbortController().signal,
): Promise<Ran> {
  const events: HistoryEvent[] = [];
  const { clock } = process;
  const append = (event: object) => {
    const stamp = { seq: events.length, t: clock.now(), wall: clock.wall().toISOString() };
    events.push({ ...stamp, ...event } as HistoryEvent);
    return stamp;
  };
  const faults = planned.faults.map(({ plan }) => ({ ...plan, name: plan.fault }));
  const { runId, scenario, topology } = planned;
  const header = { runId, scenario, topology, faults } as unknown as RunHeader;
  const ended = executeRun({ ...planned, clock }, header, {
    clock,
    engine: stubEngine,
    records: 'requests.ndjson',
    history: { zero: 0, now: () => clock.now(), append },
    journal: { append: (entry) => process.append(entry) },
    holder: process.holder,
    steadyState: async () => ({ holds: true, detail: 'as the test says' }),
    settle: async () => {},
    stop,
    onProgress: () => {},
  });
  return { end: await Promise.race([ended, process.died]), events };
}

/** Folders for the journals of one suite. */
export class Journals {
  readonly #out = mkdtempSync(join(tmpdir(), 'faultline-crash-'));
  #count = 0;

  /** The folder that a process has left: what it has written is there, to the last entry. */
  keep(opened: Opened, entries: readonly JournalEntry[]): RunFolder {
    const folder = { ...runFolder(this.#out), journal: join(this.#out, `journal-${++this.#count}.ndjson`) };
    createJournal(folder.journal, opened).close();
    const journal = openJournal(folder.journal);
    for (const entry of entries) journal.append(entry);
    journal.close();
    return folder;
  }

  remove(): void {
    rmSync(this.#out, { recursive: true, force: true });
  }
}

function portsOf({ clock, holder, outside }: Process) {
  const kindOf = kindsReaching(outside, faultKind);
  const { signal } = new AbortController();
  return {
    clock,
    holder,
    faultKind: kindOf,
    over: new AbortController().signal,
    recoverFrom: HERE,
    signal,
    say: () => {},
  };
}

/** What a recovery has come to, as its exit code tells it (0, 3 and 5), with what is not clean. */
export type RecoverySaid = 'clean' | 'held' | 'dead' | { readonly left: string; readonly commands: readonly string[] };

/** What goes wrong with the requests of a recovery, where something does. */
type Way = Pick<TroubledClient, 'reach'>;

const STRAIGHT: Way = { reach: (cluster) => cluster };

/** `recover` where the run has lived; with `accept` as `--accept-current` does. */
export function recoverHere(
  folder: RunFolder,
  system: System,
  process: Process,
  { accept, client = STRAIGHT }: { readonly accept?: Accepted; readonly client?: Way | undefined } = {},
): Promise<RecoverySaid> {
  const open = ({ name }: { readonly name: string }) => process.reach(client.reach(system.cluster(name)));
  const ports = portsOf(process);
  const how = { ...ports, runId: undefined, firstOver: ports.over, ...(accept && { accept }), open };
  return said(recoverFolders([folder], how), process);
}

/** `recover --scan` where nothing is known of the run. */
export function recoverElsewhere(system: System, process: Process, client: Way = STRAIGHT): Promise<RecoverySaid> {
  const clusters = [...system.clusters.values()].map((cluster) => ({
    cluster: process.reach(client.reach(cluster)),
    uid: undefined,
  }));
  const parts = recoverClusters(TARGET, clusters, { ...portsOf(process), runId: undefined });
  return said(parts.then(joinRecovered), process);
}

async function said(recovered: Promise<Recovered>, { died }: Process): Promise<RecoverySaid> {
  const end = await Promise.race([recovered, died]);
  if (end === 'dead') return 'dead';
  const { problems, held, recoveries } = end;
  if (problems.length > 0 || !recoveries.every(isClean)) {
    const commands = recoveries.flatMap(({ undone, leftovers }) => [
      ...undone.flatMap(({ outcome: { commands, keep = [] } }) => [...commands, ...keep]),
      ...leftovers.map(({ command }) => command),
    ]);
    return { left: JSON.stringify({ problems, recoveries }), commands };
  }
  return held.length > 0 ? 'held' : 'clean';
}
