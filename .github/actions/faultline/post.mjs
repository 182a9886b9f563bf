/**
 * After the job, whatever became of it: undoes what its runs have left. A cancelled job has five minutes for all of its steps
 * that run always; a lease of a run that was killed is silent for one of them before it is taken over.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { faultline, passSignals, stopCode } from './lib/cli.mjs';
import { annotationCommand } from './lib/commands.mjs';
import { readState } from './lib/files.mjs';
import { hasRuns } from './lib/runs.mjs';

const HELD = 3;
const LONGEST_MS = 240_000;
const AGAIN_MS = 1_000;

/**
 * Until nothing is left. A run whose step was killed may still live for some seconds, with its undo under way.
 *
 * @param {string} entry
 * @param {string} out
 * @returns {Promise<number>} the exit code of the last recovery
 */
async function recover(entry, out) {
  const until = performance.now() + LONGEST_MS;
  for (;;) {
    const { code } = await faultline(entry, ['recover', '--out', out]);
    if (code !== HELD || stopCode() !== undefined || performance.now() > until) return code;
    await sleep(AGAIN_MS);
  }
}

passSignals();
const out = readState('out');
if (out === '' || !hasRuns(out)) {
  process.stdout.write('No run was begun: nothing is left.\n');
} else {
  const code = await recover(readState('entry'), out);
  process.exitCode = code;
  if (code !== 0) {
    const message = `Recovery ended with exit code ${code}: see the log of this step. From any machine: faultline recover --scan --target <targets file>`;
    const command = annotationCommand({ level: 'error', title: 'NOT everything is known to be undone', message });
    process.stdout.write(`${command}\n`);
  }
}
