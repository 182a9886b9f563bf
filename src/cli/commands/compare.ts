import { keptRuns, runsToCompare, saveBaseline } from '../../app/recorded/baseline.ts';
import { FaultlineError } from '../../model/errors.ts';
import { EXIT } from '../../model/exit.ts';
import { grown, unfit } from '../../trend/compare/baseline.ts';
import { type Comparison, compare } from '../../trend/compare/compare.ts';
import type { DetailedRun } from '../../trend/compare/detail.ts';
import { renderComparison, renderComparisonMarkdown } from '../../trend/compare/render.ts';
import { type Console, openConsole, reportError } from '../output.ts';

type Options = {
  readonly baseline?: string;
  readonly saveBaseline?: string;
  readonly output: 'text' | 'json' | 'markdown';
};

/**
 * `faultline compare A B`, or `compare --baseline FILE B`: what changed from the runs of A to those of B. A baseline is saved
 * only when nothing is worse or undecided, so that a regression never becomes what the next run is held against; one that was
 * compared with grows by the runs of B.
 */
export async function compareCommand(paths: readonly string[], options: Options): Promise<number> {
  const { baseline, saveBaseline: saved, output } = options;
  const out = openConsole(output === 'json' ? 'json' : 'text');
  try {
    const sides = baseline === undefined ? paths : [baseline, ...paths];
    const [a, b] = sides;
    if (a === undefined || sides.length > 2 || (b === undefined && saved === undefined)) {
      throw new FaultlineError('USAGE', `two sides are compared, ${sides.length} given`, {
        hint: 'faultline compare BEFORE NOW, or compare --baseline FILE NOW, or compare --save-baseline FILE NOW',
      });
    }
    if (b === undefined) {
      if (baseline !== undefined) throw new FaultlineError('USAGE', 'there is nothing to compare with the baseline');
      return begin(saved, runsToCompare(a), out);
    }
    const [before, now] = [runsToCompare(a), runsToCompare(b)];
    const comparison = compare(before, now);
    const kept = () => (keptRuns(a) === undefined ? now : grown(before, now));
    const exitCode = comparison.exitCode === EXIT.pass ? saveOrTell(saved, kept, out) : comparison.exitCode;
    tell({ ...comparison, exitCode }, output, out);
    if (comparison.exitCode !== EXIT.pass && saved !== undefined) {
      out.say(`${saved}: not written: the baseline stays as it is`);
    }
    return exitCode;
  } catch (error) {
    return reportError(out, error);
  }
}

/** The first runs of a baseline, which are held against nothing. */
function begin(file: string | undefined, runs: readonly DetailedRun[], out: Console): number {
  const problem = unfit(runs);
  if (problem !== undefined) {
    out.say(`${file}: not written: ${problem.why}`);
    return problem.exitCode;
  }
  save(file, runs, out);
  const failed = runs.filter(({ outcome }) => outcome === 'fail').length;
  if (failed > 0) out.say(`${failed} of them failed: so much is no regression against this baseline`);
  return EXIT.pass;
}

/** The exit code of a comparison that has passed, by whether its baseline could be written. */
function saveOrTell(file: string | undefined, runs: () => readonly DetailedRun[], out: Console): number {
  try {
    save(file, runs(), out);
    return EXIT.pass;
  } catch (error) {
    return reportError(out, error);
  }
}

function save(file: string | undefined, runs: readonly DetailedRun[], out: Console): void {
  if (file === undefined) return;
  saveBaseline(file, runs);
  out.say(`baseline of ${runs.length} run${runs.length === 1 ? '' : 's'}: ${file}`);
}

function tell(comparison: Comparison, output: Options['output'], out: Console): void {
  if (output === 'json') out.data(JSON.stringify(comparison));
  else if (output === 'markdown') out.data(renderComparisonMarkdown(comparison));
  else out.show(renderComparison(comparison));
}
