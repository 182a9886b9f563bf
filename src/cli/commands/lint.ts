import { lintTarget } from '../../app/lint-target.ts';
import { describeInvalid, InvalidFile, loadScenario } from '../../app/load-files.ts';
import { openTarget } from '../../app/targets/index.ts';
import { EXIT } from '../../model/exit.ts';
import { describeLint } from '../lint-text.ts';
import { openConsole, reportError } from '../output.ts';

/** `faultline lint [FILE]`: read only; exit 1 with errors, 3 when the target cannot be read. */
export async function lint(
  [file]: readonly string[],
  options: { target: string; set: string[]; output: 'text' | 'json' },
): Promise<number> {
  const out = openConsole(options.output);
  try {
    const scenario = file === undefined ? undefined : loadScenario(file, options.set).value;
    const open = await openTarget(options.target, scenario);
    try {
      const report = await lintTarget(open, scenario);
      out.data(out.json ? JSON.stringify(report, null, 2) : describeLint(report));
      return report.findings.some(({ severity }) => severity === 'error') ? EXIT.objectiveFailed : EXIT.pass;
    } finally {
      await open.close();
    }
  } catch (error) {
    if (!(error instanceof InvalidFile)) return reportError(out, error, EXIT.refused);
    out.say(({ color }) => describeInvalid(error, color));
    return EXIT.usage;
  }
}
