import { isSecretHeader, REDACTED } from '../../model/redact.ts';
import { redactSource } from '../../scenario/index.ts';

/** `--set` options as they may be recorded: without the values of secret headers and of secrets in bodies. */
export function hideSettings(settings: readonly string[]): string[] {
  return settings.map((setting) => {
    const at = setting.indexOf('=');
    if (at < 0) return setting;
    const path = setting
      .slice(0, at)
      .split('.')
      .map((step) => (/^\d+$/.test(step) ? Number(step) : step));
    const name = path.findLast((step) => typeof step === 'string') ?? '';
    const isPlace = (path.length === 7 && path[5] === 'headers') || (path.length > 7 && path[5] === 'body');
    const isSecret = isPlace && isSecretHeader(name);
    const value = setting.slice(at + 1);
    return `${setting.slice(0, at)}=${isSecret && !/^\s*\{/.test(value) ? REDACTED : redactSource(value, path)}`;
  });
}
