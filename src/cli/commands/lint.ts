import { existsSync } from 'node:fs';
import { describeInvalid, InvalidFile, loadScenario } from '../../app/files/load-files.ts';
import { lintTarget } from '../../app/lint-target.ts';
import { openTarget } from '../../app/targets/index.ts';
import { toolVersion } from '../../app/version.ts';
import type { LintReport } from '../../lint/finding.ts';
import { sarifOf } from '../../lint/sarif.ts';
import { EXIT } from '../../model/exit.ts';
import { describeLint } from '../lint-text.ts';
import { openConsole, reportError } from '../output.ts';

type Options = { target: string; set: string[]; output: 'text' | 'json' | 'sarif' };

/** `faultline lint [FILE]`: read only; exit 1 with errors, 3 when the target cannot be read. */
export async function lint([file]: readonly string[], options: Options): Promise<number> {
  const out = openConsole(options.output === 'text' ? 'text' : 'json');
  try {
    const scenario = file === undefined ? undefined : loadScenario(file, options.set).value;
    const open = await openTarget(options.target, scenario);
    try {
      const report = await lintTarget(open, scenario);
      if (options.output === 'text') out.show(describeLint(report));
      else out.data(shown(report, file, options));
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

function shown(report: LintReport, file: string | undefined, { target, output }: Options): string {
  if (output === 'json')
    return JSON.stringify({ target, ...(file === undefined ? {} : { scenario: file }), ...report }, null, 2);
  const origin = file ?? (existsSync(target) ? target : undefined);
  return JSON.stringify(
    sarifOf(report, { version: toolVersion(), ...(origin === undefined ? {} : { file: origin }) }),
    null,
    2,
  );
}
