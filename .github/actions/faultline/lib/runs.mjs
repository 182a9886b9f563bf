/** The run folders of one step, as their results say. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * What the action reads of a result (`faultline schema result`).
 *
 * @typedef {object} Result
 * @property {'pass' | 'fail' | 'inconclusive'} verdict
 * @property {number} exitCode
 * @property {string} reason
 * @property {{ readonly state: string, readonly detail: string }} putBack
 * @property {readonly Finding[]} findings
 * @property {{ readonly runId: string, readonly scenario: { readonly name: string, readonly source?: Source } }} run
 */

/** @typedef {{ readonly file: string, readonly text: string }} Source */

/**
 * @typedef {object} Finding
 * @property {string} objective
 * @property {string} subject
 * @property {string} title
 * @property {string} story
 * @property {'pass' | 'fail' | 'inconclusive'} verdict
 */

/** @typedef {{ readonly folder: string, readonly result: Result | undefined }} Run */

/**
 * @param {string} out
 * @returns {string[]} names of the run folders in it, oldest first
 */
export function runNames(out) {
  if (!existsSync(out)) return [];
  const entries = readdirSync(out, { withFileTypes: true });
  // `latest` is a link to one of them.
  return entries.flatMap((entry) => (entry.isDirectory() ? entry.name : [])).sort();
}

/**
 * @param {string} out
 * @param {ReadonlySet<string>} before names that were there before
 * @returns {Run[]}
 */
export function newRuns(out, before) {
  const names = runNames(out).filter((name) => !before.has(name));
  return names.map((name) => ({ folder: join(out, name), result: readResult(join(out, name)) }));
}

/**
 * @param {string} folder
 * @returns {Result | undefined} undefined where a run has not come to its end
 */
function readResult(folder) {
  try {
    return JSON.parse(readFileSync(join(folder, 'result.json'), 'utf8'));
  } catch {
    return undefined;
  }
}
