import type { DetailedRun } from './detail.ts';

/** What a baseline file holds: all that a comparison needs of its runs. */
type Baseline = { readonly format: 'faultline/baseline/v1'; readonly runs: readonly DetailedRun[] };

/** The text of a baseline file, a line for each run. */
export function serializeBaseline(runs: readonly DetailedRun[]): string {
  const lines = runs.map((run) => `  ${JSON.stringify(run)}`).join(',\n');
  return `{"format": "faultline/baseline/v1", "runs": [\n${lines}\n]}\n`;
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
