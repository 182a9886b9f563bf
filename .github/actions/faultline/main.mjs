/** Runs the drills of a step, and tells the job what became of them. */
import { join, relative } from 'node:path';
import { annotations } from './lib/annotations.mjs';
import { entryOf, faultline, passSignals, stopCode } from './lib/cli.mjs';
import { annotationCommand, maskCommands } from './lib/commands.mjs';
import { saveState, setOutput, writeSummary } from './lib/files.mjs';
import { gateArguments, readInputs, runArguments } from './lib/inputs.mjs';
import { isPutBack } from './lib/left.mjs';
import { folderNames, newIn } from './lib/runs.mjs';
import { secretValues } from './lib/secrets.mjs';
import { summary } from './lib/summary.mjs';
import { isJudged, verdictOf, worstRun } from './lib/verdict.mjs';

/** @typedef {import('./lib/inputs.mjs').Inputs} Inputs */

const INVALID = 2;
const INTERNAL = 7;

/** @param {string} line */
const print = (line) => process.stdout.write(`${line}\n`);

/**
 * @param {string} entry
 * @param {string} version
 */
async function requireVersion(entry, version) {
  if (version === '') return;
  const { code, stdout } = await faultline(entry, ['--version'], { hear: 'alone' });
  const found = stdout.trim();
  if (code !== 0 || found !== version) throw new Error(`version: ${version} is asked for; ${entry} is ${found}`);
}

/**
 * What cannot be recovered keeps a run from its clusters, which says so itself.
 *
 * @param {string} entry
 * @param {Inputs} inputs
 */
async function recoverFirst(entry, { recoverFirst: isAsked, target }) {
  if (!isAsked || target === 'sandbox') return;
  const { code } = await faultline(entry, ['recover', '--scan', '--target', target]);
  if (code === 0) return;
  const message = `recover --scan ended with exit code ${code}: see the log of this step`;
  print(annotationCommand({ level: 'warning', title: 'faultline', message }));
}

/**
 * @param {string} entry
 * @param {Inputs} inputs
 * @param {number} code of the runs
 */
async function throughGate(entry, inputs, code) {
  const args = gateArguments(inputs);
  if (args === undefined || !isJudged(code)) return { code, said: '' };
  const judged = await faultline(entry, args, { hear: 'shown' });
  return { code: judged.code, said: judged.stdout };
}

/**
 * Every mistake of a scenario at its place.
 *
 * @param {string} entry
 * @param {Inputs} inputs
 */
async function annotateMistakes(entry, { scenarios }) {
  const args = ['validate', '--output', 'json', '--', ...scenarios];
  const { stdout } = await faultline(entry, args, { hear: 'alone' });
  try {
    /** @type {{ diagnostics: { severity: 'error' | 'warning', message: string, file: string, line: number, column: number }[] }} */
    const { diagnostics } = JSON.parse(stdout);
    for (const { severity, message, file, line, column } of diagnostics.slice(0, 10)) {
      print(annotationCommand({ level: severity, title: 'scenario', message, file, line, col: column }));
    }
  } catch {
    const message = 'what is mistaken is in the log of this step: faultline validate has not said it as JSON';
    print(annotationCommand({ level: 'warning', title: 'faultline', message }));
  }
}

/**
 * Whatever of it cannot be told changes nothing of what the step has come to.
 *
 * @param {readonly import('./lib/runs.mjs').Run[]} runs
 * @param {{ passed: boolean, verdict: string, gate: string, series: readonly string[] }} what
 */
function tell(runs, { passed, ...said }) {
  // A command is one only at the beginning of a line, and what was killed may have left half of one.
  print('');
  try {
    const worst = worstRun(runs);
    setOutput('report-path', worst === undefined ? '' : join(relative('', worst.folder), 'report.html'));
    for (const one of annotations(runs, passed)) print(annotationCommand(one));
    writeSummary(summary(runs, said));
  } catch (error) {
    print(annotationCommand({ level: 'warning', title: 'faultline: not all of it is told', message: String(error) }));
  }
}

/**
 * @param {Inputs} inputs
 * @returns {Promise<number>} the exit code of the step
 */
async function drill(inputs) {
  for (const command of secretValues(inputs, process.env).flatMap(maskCommands)) print(command);
  const { out } = inputs;
  setOutput('verdict', 'unknown');
  setOutput('run-folder', out);
  const entry = await entryOf(inputs.cli);
  await requireVersion(entry, inputs.version);
  // From here on something may be left to undo.
  saveState('entry', entry);
  saveState('out', out);
  saveState('target', inputs.target);
  await recoverFirst(entry, inputs);
  const before = new Set(folderNames(out));
  const ended = await faultline(entry, runArguments(inputs));
  const { runs, series } = newIn(out, before);
  if (isPutBack(ended.code, runs)) saveState('put-back', 'true');
  const gated = await throughGate(entry, inputs, ended.code);
  const code = gated.code === 0 && !runs.some(({ result }) => result !== undefined) ? INTERNAL : gated.code;
  const verdict = verdictOf(code, runs, inputs.gate !== undefined);
  setOutput('verdict', verdict);
  setOutput('exit-code', String(code));
  tell(runs, { passed: code === 0, verdict, gate: gated.said, series });
  if (code === INVALID) await annotateMistakes(entry, inputs);
  return code;
}

passSignals();
try {
  process.exitCode = await drill(readInputs(process.env));
} catch (error) {
  const message = error instanceof Error ? error.message : String(error);
  print(annotationCommand({ level: 'error', title: 'faultline', message }));
  const stopped = stopCode();
  setOutput('verdict', stopped === undefined ? 'error' : 'cancelled');
  process.exitCode = stopped ?? INVALID;
}
