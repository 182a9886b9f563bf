import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Where package.json is from here: from source, and from dist. */
const ROOTS = ['../../', '../../../'];

/** Path of a file of faultline's own package; undefined where the package is not found. */
export function packageFile(path: string): string | undefined {
  const root = ROOTS.map((up) => new URL(up, import.meta.url)).find(isOwn);
  return root && fileURLToPath(new URL(path, root));
}

/** The way from a folder to a scenario that comes with faultline: in a clone as it stands in the documentation. */
export function shippedScenario(name: string, folder: string = process.cwd()): string {
  const path = join('scenarios', name);
  return existsSync(join(folder, path)) ? path : (packageFile(path) ?? path);
}

function isOwn(root: URL): boolean {
  try {
    const parsed = JSON.parse(readFileSync(new URL('package.json', root), 'utf8')) as { name?: string };
    return parsed.name === 'faultline';
  } catch {
    return false;
  }
}
