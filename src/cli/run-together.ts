import { join, relative, resolve, sep } from 'node:path';
import { OBJECTIVES } from '../analysis/objectives/index.ts';
import { nextRunId } from '../app/drill/new-run-id.ts';
import type { FinishedRun } from '../app/drill/run-scenario.ts';
import { unwrittenCode } from '../model/exit.ts';
import { type OneOfMany, renderTogetherJunit, renderTogetherLine, renderTogetherMarkdown } from '../report/index.ts';
import { createRunsFolder, writeWhole } from '../store/run-folder.ts';
import { type Console, reportError } from './output.ts';

/** How the run of one file ended, and why where it left no result. */
export type Ran = {
  readonly file: string;
  readonly exit: number;
  readonly finished?: FinishedRun;
  readonly problem?: string;
};

/** One that was not begun, and why. */
export type Unbegun = Pick<Ran, 'file' | 'problem'> & { readonly exit?: never; readonly finished?: never };

/**
 * Says in one line how the runs of several files ended, and writes one JUnit and one summary over all of them. Returns the
 * exit code of them all: where the files could not be written it is no pass.
 */
export function tellTogether(
  files: readonly string[],
  done: readonly (Ran | Unbegun)[],
  exit: number,
  out: string,
  terminal: Console,
): number {
  const say = terminal.json ? terminal.say : terminal.data;
  try {
    const folder = createRunsFolder(out, nextRunId());
    const runs = files.map((file, index) => ofMany(file, done[index], folder));
    writeWhole(join(folder, 'junit.xml'), renderTogetherJunit(runs, OBJECTIVES));
    writeWhole(join(folder, 'summary.md'), renderTogetherMarkdown(runs));
    say(`all runs: ${join(folder, 'summary.md')}`);
    say(renderTogetherLine(runs, exit));
    return exit;
  } catch (error) {
    reportError(terminal, error);
    return unwrittenCode(exit);
  }
}

function ofMany(file: string, ran: Ran | Unbegun | undefined, folder: string): OneOfMany {
  if (ran === undefined) return { file };
  const { exit, finished, problem } = ran;
  if (finished === undefined)
    return { file, ...(exit === undefined ? {} : { exit }), ...(problem === undefined ? {} : { problem }) };
  const report = relative(resolve(folder), finished.folder.html).split(sep).join('/');
  return { file, exit, result: finished.result, report };
}
