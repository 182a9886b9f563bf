import { parseDocument } from 'yaml';
import { FaultlineError } from '../model/errors.ts';
import { hideSettings } from './hidden-settings.ts';

/**
 * Applies `--set spec.load.rate=10/s` to the text of a scenario. Values are read as YAML. A file that does not parse is
 * returned as it is: its own diagnostics say more. Throws USAGE for a setting that is none.
 */
export function applySettings(text: string, settings: readonly string[]): string {
  if (settings.length === 0) return text;
  const document = parseDocument(text);
  if (document.errors.length > 0) return text;
  for (const setting of settings) {
    const [shown] = hideSettings([setting]);
    const at = setting.indexOf('=');
    const path = setting.slice(0, Math.max(at, 0)).split('.');
    if (at < 1 || path.some((step) => step === '')) {
      throw new FaultlineError('USAGE', `--set ${shown}: not of the form path.to.field=value`);
    }
    const steps = path.map((step) => (/^\d+$/.test(step) ? Number(step) : step));
    try {
      document.setIn(steps, parseDocument(setting.slice(at + 1)).toJS());
    } catch (cause) {
      throw new FaultlineError('USAGE', `--set ${shown}: there is no such place in the scenario`, { cause });
    }
  }
  return document.toString();
}
