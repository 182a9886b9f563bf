import { examine } from '../../app/doctor/index.ts';
import type { Check } from '../../model/engine.ts';
import { EXIT } from '../../model/exit.ts';
import { visibleLine } from '../../model/visible.ts';
import { openConsole } from '../output.ts';

/**
 * `faultline doctor [file]`: exit 0 when everything a run needs is there, else 3; with a scenario also when each of its
 * requests gets a good answer.
 */
export async function doctor(
  [file]: readonly string[],
  options: { target: string; output: 'text' | 'json' },
): Promise<number> {
  const out = openConsole(options.output);
  const checks = await examine(options.target, file);
  if (out.json) out.data(JSON.stringify(checks, null, 2));
  else for (const check of checks) out.show(line(check));
  return checks.every((check) => check.ok || check.optional) ? EXIT.pass : EXIT.refused;
}

function line({ ok, optional, what, detail, fix }: Check): string {
  return `${ok ? 'ok     ' : optional ? 'absent ' : 'MISSING'} ${visibleLine(`${what}: ${detail}`)}${fix === undefined ? '' : `\n        ${visibleLine(fix)}`}`;
}
