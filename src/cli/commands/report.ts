import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import { readText } from '../../app/files/load-files.ts';
import { writeReports } from '../../app/recorded/analyze-folder.ts';
import { FaultlineError } from '../../model/errors.ts';
import { EXIT } from '../../model/exit.ts';
import type { RunResult } from '../../model/result.ts';
import { shellCommand } from '../../model/shell.ts';
import { runFolder } from '../../store/run-folder.ts';
import { parseFile, resultProblem } from '../../trend/read-result.ts';
import { openConsole, reportError } from '../output.ts';

/** `faultline report RUN`: needs only result.json, no cluster and no records. */
export async function reportCommand(
  [path = '']: readonly string[],
  options: { output: 'text' | 'json' },
): Promise<number> {
  const out = openConsole(options.output);
  try {
    const folder = runFolder(path);
    if (!existsSync(folder.result)) {
      throw new FaultlineError('RUN_FOLDER', `${folder.path}: no result.json`, {
        hint: shellCommand(['faultline', 'analyze', path]),
      });
    }
    writeReports(folder, readResult(folder.result));
    const files = { html: folder.html, junit: folder.junit, summary: folder.summary };
    out.data(out.json ? JSON.stringify(files) : Object.values(files).join('\n'));
    return EXIT.pass;
  } catch (error) {
    return reportError(out, error);
  }
}

/** Throws RUN_FOLDER: whose words a result holds is not known, so it is read only where it is whole. */
function readResult(path: string): RunResult {
  const parsed = parseFile(readText(path));
  const problem = 'problem' in parsed ? parsed.problem : resultProblem(parsed.json);
  if ('json' in parsed && problem === undefined) return parsed.json as RunResult;
  throw new FaultlineError('RUN_FOLDER', `${path}: ${problem}`, {
    hint: `What makes it anew: ${shellCommand(['faultline', 'analyze', dirname(path)])}`,
  });
}
