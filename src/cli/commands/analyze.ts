import { OBJECTIVES } from '../../analysis/objectives/index.ts';
import { analyzeFolder, writeReports } from '../../app/analyze-folder.ts';
import { renderOneLine, renderTerminal } from '../../report/index.ts';
import { runFolder } from '../../store/run-folder.ts';
import { openConsole, reportError } from '../output.ts';

/** `faultline analyze RUN`: exits with the code the run itself would have. */
export async function analyzeCommand(
  [path = '']: readonly string[],
  options: { output: 'text' | 'json' },
): Promise<number> {
  const out = openConsole(options.output);
  try {
    const folder = runFolder(path);
    const result = await analyzeFolder(folder);
    writeReports(folder, result);
    if (out.json) out.data(JSON.stringify(result));
    else out.data((look) => `${renderTerminal(result, OBJECTIVES, look)}\n${renderOneLine(result, OBJECTIVES)}`);
    return result.exitCode;
  } catch (error) {
    return reportError(out, error);
  }
}
