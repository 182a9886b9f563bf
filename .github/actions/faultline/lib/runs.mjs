/** The run folders of one step, as their results say. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';

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

/** Names of run folders (`20261129t183316z-czv8`), and of what a series of runs says together. */
const RUN = /^\d{8}t\d{6}z-/;
const SERIES = /^series-/;

/**
 * @param {string} out
 * @returns {string[]} names of the folders in it, oldest first
 */
export function folderNames(out) {
  if (!existsSync(out)) return [];
  const entries = readdirSync(out, { withFileTypes: true });
  // `latest` is a link to one of them.
  return entries.flatMap((entry) => (entry.isDirectory() ? entry.name : [])).sort();
}

/**
 * @param {string} out
 * @returns {boolean} false as well where nobody can look
 */
export function hasRuns(out) {
  try {
    return folderNames(out).some((name) => RUN.test(name)) || hasJournal(out);
  } catch {
    return false;
  }
}

/**
 * By its journal a run folder is known, whatever its name is and wherever it lies.
 *
 * @param {string} out
 * @returns {boolean}
 */
function hasJournal(out) {
  const all = existsSync(out) ? readdirSync(out, { recursive: true, encoding: 'utf8' }) : [];
  return all.some((path) => basename(path) === 'journal.ndjson');
}

/**
 * What is in a folder beside what was there before.
 *
 * @param {string} out
 * @param {ReadonlySet<string>} before
 * @returns {{ readonly runs: readonly Run[], readonly series: readonly string[] }}
 */
export function newIn(out, before) {
  const names = folderNames(out).filter((name) => !before.has(name));
  const runs = names.filter((name) => RUN.test(name)).map((name) => join(out, name));
  return {
    runs: runs.map((folder) => ({ folder, result: readResult(folder) })),
    series: names.filter((name) => SERIES.test(name)).map((name) => join(out, name)),
  };
}

/**
 * @param {string} folder
 * @returns {Result | undefined} undefined where a run has not come to its end, or what it says is of another kind
 */
function readResult(folder) {
  try {
    const result = JSON.parse(readFileSync(join(folder, 'result.json'), 'utf8'));
    return isResult(result) ? result : undefined;
  } catch {
    return undefined;
  }
}

/**
 * @param {unknown} value
 * @returns {value is Result}
 */
function isResult(value) {
  const { verdict, reason, putBack, run, findings, exitCode } = /** @type {Partial<Result>} */ (value ?? {});
  const texts = [verdict, reason, putBack?.state, putBack?.detail, run?.scenario?.name];
  return texts.every((text) => typeof text === 'string') && Array.isArray(findings) && Number.isInteger(exitCode);
}
