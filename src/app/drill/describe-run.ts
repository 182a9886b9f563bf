import { describeRun as describeAny } from '../../assert/mocha.ts';
import type { Millis } from '../../model/units.ts';
import { longestOf } from '../../run/deadline.ts';
import { type LibraryOptions, loadForLibrary, runScenario } from '../library.ts';
import type { FinishedRun } from './run-scenario.ts';

/** What a target takes to be opened, a plan to be made and a report to be written. */
const AROUND_MS: Millis = 120_000;

/**
 * A mocha suite for one run: the first test runs it and says whether the objectives held, the second whether everything was
 * put back.
 *
 * With the file of a scenario its phases give the time limit: the longest that the run and its undo may take. With a
 * function, which is only called when the suite runs, there is none: a run ends by itself, and its faults must be undone first.
 */
export function describeRun(
  title: string,
  run: string | (() => Promise<FinishedRun>),
  options: LibraryOptions = {},
): void {
  const isFile = typeof run === 'string';
  const start = isFile ? () => runScenario(run, options) : run;
  describeAny(title, start, undefined, isFile ? limitOf(run, options.set ?? []) : 0);
}

/** None for a file that is not valid: the first test says why. */
function limitOf(file: string, set: readonly string[]): Millis {
  try {
    return longestOf(loadForLibrary(file, set).value) + AROUND_MS;
  } catch {
    return 0;
  }
}
