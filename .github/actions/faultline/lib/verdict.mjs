/** What the exit codes of faultline come to (a public contract: src/model/exit.ts). */

/** @typedef {import('./runs.mjs').Run} Run */

const WORDS = new Map([
  [0, 'pass'],
  [1, 'fail'],
  [2, 'invalid'],
  [3, 'refused'],
  [4, 'aborted'],
  [5, 'left-behind'],
  [6, 'inconclusive'],
]);

/** Codes of a run that a gate over many of them may overrule: something was judged, and everything was put back. */
const JUDGED = new Set([0, 1, 6]);

/** @param {number} code */
export function isJudged(code) {
  return JUDGED.has(code);
}

/** SIGHUP, SIGINT and SIGTERM: what ends a job. Any other signal, such as that of a machine without memory, is nobody's wish. */
const CANCELLED = new Set([129, 130, 143]);

/**
 * @param {number} code
 * @param {readonly Run[]} runs
 * @param {boolean} isGated a gate has decided over them: what it has shown not to be so is no matter of chance
 * @returns {string} the output `verdict`
 */
export function verdictOf(code, runs, isGated) {
  if (CANCELLED.has(code)) return 'cancelled';
  const word = WORDS.get(code) ?? 'error';
  return word === 'fail' && !isGated && runs.some(({ result }) => isFlaky(result, runs)) ? 'flaky' : word;
}

/**
 * A scenario that has failed and passed under the same promise.
 *
 * @param {Run['result']} failed
 * @param {readonly Run[]} runs
 */
function isFlaky(failed, runs) {
  if (failed?.verdict !== 'fail') return false;
  const { name } = failed.run.scenario;
  return runs.some(({ result }) => result?.run.scenario.name === name && result.verdict === 'pass');
}

/** How much each exit code says, least first; as src/cli/exit-codes.ts. */
const SEVERITY = [0, 6, 1, 2, 3, 4, 7];

/** @param {number} code */
function rank(code) {
  return code === 5 ? 99 : code >= 128 ? 98 : SEVERITY.indexOf(code);
}

/**
 * The first of the runs that have ended worst.
 *
 * @param {readonly Run[]} runs
 * @returns {Run | undefined}
 */
export function worstRun(runs) {
  const judged = runs.filter(({ result }) => result !== undefined);
  return judged.toSorted((a, b) => rank(b.result?.exitCode ?? 0) - rank(a.result?.exitCode ?? 0))[0];
}
