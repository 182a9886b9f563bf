/**
 * After the job, whatever became of it: undoes what its runs have left. A cancelled job has five minutes for all of its steps
 * that run always; a lease of a run that was killed is silent for one of them before it is taken over.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { faultline, passSignals, stopCode } from './lib/cli.mjs';
import { annotationCommand } from './lib/commands.mjs';
import { readState } from './lib/files.mjs';
import { toAsk } from './lib/left.mjs';
import { hasRuns } from './lib/runs.mjs';

const HELD = 3;
const LONGEST_MS = 240_000;
const AGAIN_MS = 1_000;

/** @param {string} line */
const print = (line) => process.stdout.write(`${line}\n`);

/**
 * Until nothing is left. A run whose step was killed may still live for some seconds, with its undo under way.
 *
 * @param {readonly string[]} asked what recover is to ask
 * @returns {Promise<number>} the exit code of the last recovery
 */
async function recover(asked) {
  for (;;) {
    const { code } = await faultline(readState('entry'), ['recover', ...asked]);
    if (code !== HELD || stopCode() !== undefined || performance.now() > LONGEST_MS) return code;
    await sleep(AGAIN_MS);
  }
}

/** @param {string} out */
async function recoverAll(out) {
  const isPutBack = readState('put-back') !== '';
  const asked = toAsk({ out, hasRuns: hasRuns(out), target: readState('target'), isPutBack });
  if (asked.length === 0) {
    print(
      isPutBack ? 'faultline has put everything back, or has begun nothing.' : 'The sandbox has ended with its run.',
    );
  }
  for (const args of asked) {
    const code = await recover(args);
    if (code === 0) continue;
    process.exitCode = code;
    const message = `recover ${args[0]} ended with exit code ${code}: see the log of this step. From any machine: faultline recover --scan --target <targets file>`;
    print(annotationCommand({ level: 'error', title: 'NOT everything is known to be undone', message }));
  }
}

passSignals();
const out = readState('out');
if (out === '') print('No run was begun: nothing is left.');
else await recoverAll(out);
