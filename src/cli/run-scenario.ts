import { faultKind } from '../faults/index.ts';
import { undiciEngine } from '../load/index.ts';
import { readOutlierStats } from '../mesh/stats-reader.ts';
import { FaultlineError } from '../model/errors.ts';
import type { HistoryEvent, RunHeader } from '../model/history.ts';
import type { RunResult } from '../model/result.ts';
import type { Scenario } from '../model/scenario.ts';
import { readClusterJournals } from '../run/cluster-journal.ts';
import { executeRun } from '../run/machine.ts';
import { type PlannedRun, planRun, requirePermissions } from '../run/plan.ts';
import { systemClock } from '../run/system-clock.ts';
import type { RunProgress } from '../run/wiring.ts';
import { openHistory } from '../store/history-file.ts';
import { openJournal } from '../store/journal-file.ts';
import { createRunFolder, newRunId, type RunFolder } from '../store/run-folder.ts';
import { analyzeFolder, writeReports } from './analyze-folder.ts';
import type { OpenTarget } from './open-target.ts';
import { toolVersion } from './version.ts';

/** What a finished run leaves. */
export type FinishedRun = { readonly result: RunResult; readonly folder: RunFolder };

export type RunHooks = {
  /** Called with the plan before the first write; resolve to false to refuse. */
  readonly confirm: (run: PlannedRun) => Promise<boolean>;
  readonly onProgress: (progress: RunProgress) => void;
  /** One line for people: phases, faults, notices. */
  readonly onEvent: (event: HistoryEvent) => void;
  /** Aborted with a StopReason when the operator wants the run to end. */
  readonly stop: AbortSignal;
};

/**
 * Runs one scenario against an open target: plan, guards, phases, analysis, reports. Rejects with a FaultlineError when
 * the run is refused before a run folder exists; after that every way it can end is in the result.
 */
export async function runScenario(
  scenario: Scenario,
  open: OpenTarget,
  options: { out: string; command: string } & RunHooks,
): Promise<FinishedRun> {
  const runId = newRunId(systemClock.wall(), Math.random);
  const { target, kind: targetKind, clusters } = open;
  await refuseOpenRuns(open);
  const run = await planRun({ scenario, target, targetKind, clusters, faultKind, clock: systemClock, runId });
  requirePermissions(run);
  if (!(await options.confirm(run))) throw new FaultlineError('FAULT_REFUSED', 'not confirmed: nothing was touched');
  const folder = createRunFolder(options.out, runId);
  await recordRun(run, folder, options);
  const result = await analyzeFolder(folder);
  writeReports(folder, result);
  return { result, folder };
}

async function recordRun(run: PlannedRun, folder: RunFolder, options: { command: string } & RunHooks): Promise<void> {
  const history = openHistory(folder.history, systemClock, options.onEvent);
  const journal = openJournal(folder.journal);
  try {
    await executeRun(run, headerOf(run, options.command), {
      clock: systemClock,
      engine: undiciEngine(),
      records: folder.requests,
      history,
      journal,
      steadyState: () => steadyState(folder),
      readStats: readOutlierStats,
      stop: options.stop,
      onProgress: options.onProgress,
    });
  } finally {
    journal.close();
    history.close();
  }
}

/** The final analysis over what is recorded so far: one rule, whenever it is asked. */
async function steadyState(folder: RunFolder): Promise<{ holds: boolean; detail: string }> {
  const { findings } = await analyzeFolder(folder);
  const steady = findings.filter((finding) => finding.objective === 'steadyState');
  const bad = steady.find((finding) => finding.verdict !== 'pass');
  const detail =
    bad === undefined ? steady.map((finding) => finding.story).join(' ') : `${bad.story} ${bad.cause ?? ''}`.trim();
  return { holds: steady.length > 0 && bad === undefined, detail };
}

async function refuseOpenRuns(open: OpenTarget): Promise<void> {
  for (const [name, { cluster }] of open.clusters) {
    const left = await readClusterJournals(cluster, open.target.namespaces);
    if (left.length === 0) continue;
    const ids = left.map((journal) => journal.runId).join(', ');
    throw new FaultlineError('OPEN_RUN', `cluster ${name}: run ${ids} has not been undone, or still goes on`, {
      hint: 'When it is no longer running: faultline recover --scan --target <targets file>',
    });
  }
}

function headerOf(run: PlannedRun, command: string): RunHeader {
  const [first] = run.topology.clusters;
  return {
    runId: run.runId,
    tool: { name: 'faultline', version: toolVersion() },
    target: { name: run.target.name, kind: run.targetKind },
    scenario: run.scenario,
    topology: run.topology,
    versions: {
      node: process.version,
      platform: `${process.platform}-${process.arch}`,
      kubernetes: first?.version ?? 'unknown',
    },
    command,
    faults: run.faults.map(({ plan }) => ({
      name: plan.fault,
      kind: plan.kind,
      cluster: plan.cluster,
      summary: plan.summary,
      signature: plan.signature,
      affected: plan.affected,
    })),
  };
}
