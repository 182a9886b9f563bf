import { OBJECTIVES } from '../../analysis/objectives/index.ts';
import { analyzeFolder, reportProblem } from '../../app/recorded/analyze-folder.ts';
import { endCode } from '../../model/exit.ts';
import { renderOneLine, renderTerminal } from '../../report/index.ts';
import { runFolder } from '../../store/run-folder.ts';
import { expectationOf, tellExpected } from '../gate-options.ts';
import { type Look, openConsole, reportError } from '../output.ts';

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
    const problem = reportProblem(folder, result);
    const hasReport = problem === undefined;
    if (!hasReport) out.say(`error RUN_FOLDER: the reports could not be written: ${problem}`);
    const codes = [tellExpected(result, expected, out)];
    const exitCode = endCode({ codes, stopped: undefined, isWritten: hasReport });
    const shown = { ...result, exitCode };
    if (out.json) out.data(JSON.stringify(shown));
    else {
      const screen = (look: Look) => renderTerminal(shown, OBJECTIVES, { ...look, hasReport });
      out.data((look) => `${screen(look)}\n${renderOneLine(shown, OBJECTIVES)}`);
    }
    return exitCode;
  } catch (error) {
    return reportError(out, error);
  }
}
