/** The values that no log may show. */
import { readFileSync } from 'node:fs';

/** How scenarios and targets files name what stands in the environment: `{ env: NAME }`. */
const NAMED = /\benv\s*:\s*["']?([A-Za-z_][A-Za-z0-9_]{0,255})/g;

/**
 * @param {readonly string[]} files
 * @returns {string[]} names of environment variables; a file that cannot be read has none
 */
function namedIn(files) {
  return files.flatMap((file) => {
    try {
      return [...readFileSync(file, 'utf8').matchAll(NAMED)].flatMap(([, name]) => name ?? []);
    } catch {
      return [];
    }
  });
}

/**
 * @param {{ scenarios: readonly string[], target: string, mask: readonly string[] }} inputs
 * @param {Readonly<Record<string, string | undefined>>} env
 * @returns {string[]} each once
 */
export function secretValues({ scenarios, target, mask }, env) {
  const names = new Set([...mask, ...namedIn([...scenarios, target])]);
  return [...new Set([...names].flatMap((name) => env[name] ?? []))].filter((value) => value !== '');
}
