import { hideTold } from '../../model/credentials.ts';
import { hideValue } from '../../scenario/index.ts';

/** `--set` options as they may be recorded and told: without what may be a secret, in whatever place it was set. */
export function hideSettings(settings: readonly string[]): string[] {
  return settings.map((setting) => {
    const at = setting.indexOf('=');
    if (at < 0) return hideTold(hideValue(setting, []));
    const name = setting.slice(0, at);
    const path = name.split(/[.[\]]+/).map((step) => (/^\d+$/.test(step) ? Number(step) : step));
    return `${hideTold(name)}=${hideValue(setting.slice(at + 1), path)}`;
  });
}
