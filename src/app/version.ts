import { readFileSync } from 'node:fs';
import { packageFile } from './package-files.ts';

/** The version in package.json, the same from source and from dist. */
export function toolVersion(): string {
  const file = packageFile('package.json');
  if (file === undefined) return 'unknown';
  return (JSON.parse(readFileSync(file, 'utf8')) as { version?: string }).version ?? 'unknown';
}
