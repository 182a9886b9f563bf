import { countText, errorLines } from '../../lint/words.ts';
import type { Check } from '../../model/engine.ts';
import { messageOf } from '../../model/errors.ts';
import { shellCommand } from '../../model/shell.ts';
import { lintTarget } from '../lint-target.ts';
import type { OpenTarget } from '../targets/index.ts';

/** Whether anything of the mesh will make failover fail. No run hangs on it. */
export async function checkMesh(name: string, open: OpenTarget): Promise<Check> {
  const what = 'mesh without lint errors';
  const fix = shellCommand(['faultline', 'lint', '--target', name]);
  try {
    const { findings } = await lintTarget(open, undefined);
    const errors = errorLines(findings);
    if (errors.length === 0) return { what, ok: true, detail: countText(findings) };
    return { what, ok: false, optional: true, detail: [countText(findings), ...errors].join('; '), fix };
  } catch (error) {
    return { what, ok: false, optional: true, detail: messageOf(error), fix };
  }
}
