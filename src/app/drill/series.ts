import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { messageOf } from '../../model/errors.ts';
import { EXIT, endCode } from '../../model/exit.ts';
import { jsonText } from '../../model/visible.ts';
import { writeWhole } from '../../store/run-folder.ts';
import type { FoundRuns, Gate } from '../../trend/gate/found.ts';
import { gate, isBeyondBound, isFinal } from '../../trend/gate/gate.ts';
import { renderGateJunit } from '../../trend/gate/junit.ts';
import { renderGateMarkdown } from '../../trend/gate/render.ts';
import { isAnythingRequired, type Requirements } from '../../trend/gate/requirements.ts';
import type { RecordedRun } from '../../trend/recorded-run.ts';
import { stopCode } from '../signals/signals.ts';

/** One run of a series; `run` is absent where there was nothing to judge. */
export type SeriesRun = { readonly code: number; readonly run?: RecordedRun };

export type Series = {
  readonly runs: readonly RecordedRun[];
  /**
   * Why it ended: after all runs, at a decision that no further run can change, when more runs had decided nothing than
   * may, or at a run that must not be followed by another.
   */
  readonly end: 'complete' | 'decided' | 'undecided' | 'stopped';
  /** The exit code of the run that has stopped it, where it was one and nothing between two. */
  readonly stoppedBy?: number;
};

const JUDGED: readonly number[] = [EXIT.pass, EXIT.objectiveFailed, EXIT.inconclusive];

/** Judged, or refused after its load had begun, as where the steady state did not hold. */
function mayGoOn({ code, run }: SeriesRun): boolean {
  return JUDGED.includes(code) || (code === EXIT.refused && run !== undefined);
}

/**
 * Repeats a run up to `times` times. What was refused as it stands (a guard, a freeze, a lease that another holds), was aborted
 * or interrupted, has left something or lost its record is not followed by another.
 */
async function repeatRun(
  times: number,
  requirements: Requirements,
  { runOnce, stop }: { runOnce: (number: number) => Promise<SeriesRun>; stop: AbortSignal },
): Promise<Series> {
  const runs: RecordedRun[] = [];
  for (let number = 1; number <= times; number++) {
    if (stop.aborted) return { runs, end: 'stopped' };
    const made = await runOnce(number);
    if (made.run !== undefined) runs.push(made.run);
    if (!mayGoOn(made)) return { runs, end: 'stopped', stoppedBy: made.code };
    if (number === times || !isAnythingRequired(requirements)) continue;
    if (isFinal(runs, times - number, requirements)) return { runs, end: 'decided' };
    if (isBeyondBound(runs, times, requirements)) return { runs, end: 'undecided' };
  }
  return { runs, end: 'complete' };
}

/** What a series has come to. */
type FinishedSeries = {
  readonly series: Series;
  /** With the exit code of all of it, which is no better than that of what has stopped it. */
  readonly decided: Gate;
  /** Where it was written; absent where no run was recorded, or it could not be. */
  readonly folder?: string;
  /** Why what it says could not be written; it holds all the same. */
  readonly problem?: string;
};

/** Makes the runs of a series, and writes what they say together beside their run folders in `out`. */
export async function runSeries(
  out: string,
  times: number,
  requirements: Requirements,
  ports: Parameters<typeof repeatRun>[2],
): Promise<FinishedSeries> {
  const series = await repeatRun(times, requirements, ports);
  const said = gateOfSeries(series, requirements);
  const codes = [said.exitCode, series.stoppedBy ?? EXIT.pass];
  const decided = { ...said, exitCode: endCode({ codes, stopped: stopCode(ports.stop), isWritten: true }) };
  try {
    const folder = writeSeries(out, series, decided);
    return { series, decided, ...(folder !== undefined && { folder }) };
  } catch (error) {
    return { series, decided, problem: messageOf(error) };
  }
}

/** What a series says: the gate over its own runs and no others. */
function gateOfSeries({ runs }: Series, requirements: Requirements): Gate {
  const leftBehind = runs.filter(({ exitCode }) => exitCode === EXIT.undoIncomplete).map(({ path }) => path);
  const found: FoundRuns = { runs, unreadable: [], repeated: [], leftBehind };
  return gate(found, requirements);
}

/** Writes what a series says beside its run folders. Returns the folder; undefined where no run was recorded. */
function writeSeries(out: string, series: Series, decided: Gate): string | undefined {
  const [first] = series.runs;
  if (first === undefined) return undefined;
  const folder = resolve(out, `series-${first.runId}`);
  mkdirSync(folder, { mode: 0o700 });
  writeWhole(join(folder, 'gate.json'), `${jsonText(decided)}\n`);
  writeWhole(join(folder, 'junit.xml'), renderGateJunit(decided, series.runs));
  writeWhole(join(folder, 'summary.md'), renderGateMarkdown(decided));
  return folder;
}
