import { OBJECTIVES } from '../../analysis/objectives/index.ts';
import { analyzeFolder, writeReports } from '../../app/analyze-folder.ts';
import { renderOneLine, renderTerminal } from '../../report/index.ts';
import { runFolder } from '../../store/run-folder.ts';
import { expectationOf, tellExpected } from '../gate-options.ts';
import { openConsole, reportError } from '../output.ts';

/** `faultline analyze RUN`: exits with the code the run itself would have, or with whether it ended as expected. */
export async function analyzeCommand(
  [path = '']: readonly string[],
  options: { output: 'text' | 'json'; expect?: string },
): Promise<number> {
  const out = openConsole(options.output);
  try {
    const expected = expectationOf(options.expect);
    const folder = runFolder(path);
    const result = await analyzeFolder(folder);
    writeReports(folder, result);
    if (out.json) out.data(JSON.stringify(result));
    else out.data((look) => `${renderTerminal(result, OBJECTIVES, look)}\n${renderOneLine(result, OBJECTIVES)}`);
    return tellExpected(result, expected, out);
  } catch (error) {
    return reportError(out, error);
  }
}
