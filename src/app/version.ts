import { readFileSync } from 'node:fs';

/** The version in package.json, the same from source and from dist. */
export function toolVersion(): string {
  for (const up of ['../../package.json', '../../../package.json']) {
    try {
      const parsed = JSON.parse(readFileSync(new URL(up, import.meta.url), 'utf8')) as {
        name?: string;
        version?: string;
      };
      if (parsed.name === 'faultline' && parsed.version !== undefined) return parsed.version;
    } catch {
      // Not at this level.
    }
  }
  return 'unknown';
}
