import { runsToCompare, saveBaseline } from '../../app/baseline.ts';
import { FaultlineError } from '../../model/errors.ts';
import { EXIT } from '../../model/exit.ts';
import { type Comparison, compare } from '../../trend/compare/compare.ts';
import { renderComparison, renderComparisonMarkdown } from '../../trend/compare/render.ts';
import { type Console, openConsole, reportError } from '../output.ts';

type Options = {
  readonly baseline?: string;
  readonly saveBaseline?: string;
  readonly output: 'text' | 'json' | 'markdown';
};

/**
 * `faultline compare A B`, or `compare --baseline FILE B`: what changed from the runs of A to those of B. A baseline is saved
 * only when nothing is worse or undecided, so that a regression never becomes what the next run is held against.
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
      save(saved, a, out);
      return EXIT.pass;
    }
    const comparison = compare(runsToCompare(a), runsToCompare(b));
    tell(comparison, output, out);
    if (comparison.exitCode === EXIT.pass) save(saved, b, out);
    else if (saved !== undefined) out.say(`${saved}: not written: the baseline stays as it is`);
    return comparison.exitCode;
  } catch (error) {
    return reportError(out, error);
  }
}

function save(file: string | undefined, path: string, out: Console): void {
  if (file === undefined) return;
  const runs = runsToCompare(path);
  saveBaseline(file, runs);
  out.say(`baseline of ${runs.length} run${runs.length === 1 ? '' : 's'}: ${file}`);
}

function tell(comparison: Comparison, output: Options['output'], out: Console): void {
  if (output === 'json') out.data(JSON.stringify(comparison));
  else out.data(output === 'markdown' ? renderComparisonMarkdown(comparison) : renderComparison(comparison));
}
