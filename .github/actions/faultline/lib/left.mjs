/** Whom the end of a job asks what its runs have left. */
import { isJudged } from './verdict.mjs';

/** @typedef {import('./runs.mjs').Run} Run */

/** Exit codes of a run that was not begun: a mistake, a refusal. */
const NOT_BEGUN = new Set([2, 3]);
const ABORTED = 4;

/**
 * Whether faultline itself has said that its runs have left nothing: by its exit code, and by a result of each that was begun.
 *
 * @param {number} code of the runs
 * @param {readonly Run[]} runs
 */
export function isPutBack(code, runs) {
  if (NOT_BEGUN.has(code)) return true;
  return (isJudged(code) || code === ABORTED) && runs.length > 0 && runs.every(({ result }) => result !== undefined);
}

/**
 * The run folders where there are some, and the clusters themselves unless faultline has said that all is put back. A folder that
 * is not there says nothing: another step may have removed it.
 *
 * @param {{ readonly out: string, readonly hasRuns: boolean, readonly target: string, readonly isPutBack: boolean }} known
 * @returns {string[][]} arguments of recover, in order
 */
export function toAsk({ out, hasRuns, target, isPutBack }) {
  const folders = hasRuns ? [['--out', out]] : [];
  // The sandbox of a run ends with the run, however that ends.
  return isPutBack || target === 'sandbox' ? folders : [...folders, ['--scan', '--target', target]];
}
