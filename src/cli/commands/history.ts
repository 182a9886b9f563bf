import { statSync } from 'node:fs';
import { findRuns } from '../../app/recorded/recorded-runs.ts';
import { writeHistory } from '../../app/recorded/write-history.ts';
import { EXIT } from '../../model/exit.ts';
import { recordedRun } from '../../trend/recorded-run.ts';
import { openConsole, reportError } from '../output.ts';

/** `faultline history DIR|FILES...`: one page over many recorded runs, beside them unless told otherwise. */
export async function historyCommand(
  paths: readonly string[],
  options: { output: 'text' | 'json'; out?: string },
): Promise<number> {
  const out = openConsole(options.output);
  try {
    const found = findRuns(paths, recordedRun);
    const beside = paths.find((path) => statSync(path).isDirectory()) ?? '.';
    const files = writeHistory(options.out ?? beside, found);
    for (const { path, problem } of found.unreadable) out.say(`unreadable: ${path}: ${problem}`);
    out.data(out.json ? JSON.stringify(files) : Object.values(files).join('\n'));
    return EXIT.pass;
  } catch (error) {
    return reportError(out, error);
  }
}
