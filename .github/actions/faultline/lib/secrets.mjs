/** The values that no log may show. */
import { readFileSync } from 'node:fs';

/**
 * How scenarios and targets files name what stands in the environment: `{ env: NAME }`, with the key or the name in quotes, with
 * an anchor or a tag before the name.
 */
const NAMED = /(?<![\w-])env["']?\s*:\s*(?:[&!]\S*\s+)*["']?([A-Za-z_][A-Za-z0-9_]{0,255})/g;
const WORD = /[A-Za-z_][A-Za-z0-9_]{2,255}/g;
/** Set on every runner, and no secrets: hidden because a file speaks of CI they would make the log unreadable. */
const OPEN =
  /^(CI|HOME|PATH|PWD|OLDPWD|SHELL|USER|LOGNAME|LANG|LC_\w+|TERM|TMPDIR|HOSTNAME|SHLVL|DEBIAN_FRONTEND|JAVA_HOME\w*)$|^(GITHUB|RUNNER|ACTIONS|INPUT|STATE)_(?!TOKEN|RUNTIME_TOKEN|ID_TOKEN)/;

/**
 * As a double-quoted text of YAML may write any of its characters.
 *
 * @param {string} text
 */
function unescaped(text) {
  const code = /\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U000([0-9a-fA-F]{5}))/g;
  return text.replace(/\\\r?\n\s*/g, '').replace(code, (all, ...digits) => {
    const point = Number.parseInt(digits.slice(0, 3).join(''), 16);
    return point > 0x10ffff ? all : String.fromCodePoint(point);
  });
}

/**
 * Names that a text gives for certain, and each variable of the environment that it has as a word: YAML has many ways to write a
 * mapping (aliases, block scalars, a key on a line of its own). To hide too much is better than to show a secret.
 *
 * @param {string} text
 * @param {Readonly<Record<string, string | undefined>>} env
 * @returns {string[]}
 */
function namedIn(text, env) {
  const plain = `${text}\n${unescaped(text)}`;
  const certain = [...plain.matchAll(NAMED)].flatMap(([, name]) => name ?? []);
  const words = plain.match(WORD) ?? [];
  return [...certain, ...words.filter((word) => env[word] !== undefined && !OPEN.test(word))];
}

/**
 * @param {string} file
 * @returns {string} empty where it cannot be read
 */
function textOf(file) {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

/**
 * @param {{ scenarios: readonly string[], target: string, more: readonly string[], mask: readonly string[] }} inputs
 * @param {Readonly<Record<string, string | undefined>>} env
 * @returns {string[]} each once
 */
export function secretValues({ scenarios, target, more, mask }, env) {
  const texts = [...[...scenarios, target].map(textOf), ...more];
  const names = new Set([...mask, ...texts.flatMap((text) => namedIn(text, env))]);
  return [...new Set([...names].flatMap((name) => env[name] ?? []))].filter((value) => value !== '');
}
