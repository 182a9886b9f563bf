import { EXIT } from '../../model/exit.ts';
import { jsonText } from '../../model/visible.ts';
import type { DetailedRun } from './detail.ts';

/** What a baseline file holds: all that a comparison needs of its runs. */
type Baseline = { readonly format: 'faultline/baseline/v1'; readonly runs: readonly DetailedRun[] };

/** The text of a baseline file, a line for each run. */
export function serializeBaseline(runs: readonly DetailedRun[]): string {
  const lines = runs.map((run) => `  ${jsonText(run)}`).join(',\n');
  return `{"format": "faultline/baseline/v1", "runs": [\n${lines}\n]}\n`;
}

/** A baseline with the runs that were held against it: each once, as it was first kept. */
export function grown(before: readonly DetailedRun[], now: readonly DetailedRun[]): readonly DetailedRun[] {
  const known = new Set(before.map(({ runId }) => runId));
  return [...before, ...now.filter(({ runId }) => !known.has(runId))];
}

/**
 * Why these runs are no beginning of a baseline, with the exit code that says so; undefined where they are: something is left
 * behind, or the runs of a scenario have decided nothing.
 */
export function unfit(runs: readonly DetailedRun[]): { readonly why: string; readonly exitCode: number } | undefined {
  const left = runs.find(({ exitCode }) => exitCode === EXIT.undoIncomplete);
  if (left !== undefined) return { why: `run ${left.runId} has left something behind`, exitCode: EXIT.undoIncomplete };
  const groups = Map.groupBy(runs, ({ scenario }) => scenario.name);
  const isDecided = ({ outcome }: DetailedRun): boolean => outcome === 'pass' || outcome === 'fail';
  const open = [...groups].find(([, own]) => !own.some(isDecided));
  return open && { why: `no run of ${open[0]} has decided anything`, exitCode: EXIT.inconclusive };
}

/** Whether a parsed file says that it is a baseline, of whatever version. */
export function isBaseline(json: unknown): json is { readonly format: string } {
  const format = typeof json === 'object' && json !== null && 'format' in json ? json.format : undefined;
  return typeof format === 'string' && format.startsWith('faultline/baseline/');
}

/** The runs of a parsed baseline file; undefined where it is of another version, or not whole. */
export function baselineRuns(json: unknown): readonly DetailedRun[] | undefined {
  if (!isBaseline(json) || json.format !== 'faultline/baseline/v1') return undefined;
  const { runs } = json as Partial<Baseline>;
  const isWhole = Array.isArray(runs) && runs.length > 0 && runs.every(isRun);
  return isWhole ? runs : undefined;
}

function isRun(run: Partial<DetailedRun> | null): boolean {
  if (typeof run !== 'object' || run === null) return false;
  const { scenario, findings, shares, configuration, outcome, exitCode, runId } = run;
  return (
    [scenario?.name, outcome, runId].every((text) => typeof text === 'string') &&
    [findings, shares].every(Array.isArray) &&
    typeof configuration === 'object' &&
    typeof exitCode === 'number'
  );
}
