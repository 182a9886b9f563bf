import { countText, errorLines } from '../../lint/words.ts';
import type { Check } from '../../model/engine.ts';
import { messageOf } from '../../model/errors.ts';
import { shellCommand } from '../../model/shell.ts';
import { loadScenario } from '../files/load-files.ts';
import { lintTarget } from '../lint-target.ts';
import type { OpenTarget } from '../targets/index.ts';

/** Whether anything of the mesh will make failover fail, that of a scenario file where one is given. No run hangs on it. */
export async function checkMesh(name: string, open: OpenTarget, file: string | undefined): Promise<Check> {
  const what = 'mesh without lint errors';
  const fix = shellCommand(['faultline', 'lint', ...(file === undefined ? [] : [file]), '--target', name]);
  try {
    const scenario = file === undefined ? undefined : loadScenario(file, []).value;
    const { findings } = await lintTarget(open, scenario);
    const errors = errorLines(findings);
    if (errors.length === 0) return { what, ok: true, detail: countText(findings) };
    return { what, ok: false, optional: true, detail: [countText(findings), ...errors].join('; '), fix };
  } catch (error) {
    return { what, ok: false, optional: true, detail: messageOf(error), fix };
  }
}
