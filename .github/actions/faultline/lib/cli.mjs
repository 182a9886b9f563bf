/** faultline as a process of its own, which hears every signal that this one gets. */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { constants } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const OWN = resolve(dirname(fileURLToPath(import.meta.url)), '../../../..');
/** What a runner sends whose job is cancelled or timed out: SIGINT, 7.5 s later SIGTERM; SIGHUP has been seen. */
const PASSED = /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP']);

/** @type {import('node:child_process').ChildProcess | undefined} */
let child;
/** @type {NodeJS.Signals | undefined} */
let stoppedBy;

/** From here on a signal ends what is running, and nothing more is begun. */
export function passSignals() {
  for (const signal of PASSED) {
    process.on(signal, () => {
      stoppedBy ??= signal;
      child?.kill(signal);
    });
  }
  // The runner is gone: that must not keep a drill from its end.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});
}

/** @returns {number | undefined} the exit code that belongs to the signal that has stopped this process */
export function stopCode() {
  return stoppedBy === undefined ? undefined : 128 + constants.signals[stoppedBy];
}

/**
 * @param {string} program
 * @param {readonly string[]} args
 * @param {{ cwd?: string, hear?: 'shown' | 'alone' }} [how] `hear`: its stdout is handed back, and shown as well or not
 * @returns {Promise<{ code: number, stdout: string }>} code 127 where it could not be started
 */
export function run(program, args, { cwd, hear } = {}) {
  const code = stopCode();
  if (code !== undefined) return Promise.resolve({ code, stdout: '' });
  return new Promise((done) => {
    let stdout = '';
    child = spawn(program, args, { cwd, stdio: ['ignore', hear === undefined ? 'inherit' : 'pipe', 'inherit'] });
    child.stdout?.setEncoding('utf8').on('data', (text) => {
      stdout += text;
      if (hear === 'shown') process.stdout.write(text);
    });
    child.on('error', (error) => {
      process.stderr.write(`${program}: ${error.message}\n`);
      done({ code: 127, stdout });
    });
    child.on('close', (ended, signal) => {
      child = undefined;
      done({ code: ended ?? 128 + (signal === null ? 0 : constants.signals[signal]), stdout });
    });
  });
}

/**
 * @param {string} entry path of bin.js
 * @param {readonly string[]} args
 * @param {{ hear?: 'shown' | 'alone' }} [how]
 */
export function faultline(entry, args, how) {
  return run(process.execPath, ['--disable-warning=ExperimentalWarning', entry, ...args], how);
}

/**
 * The command line that a workflow names, or the one of the version of this action, whose locked dependencies are installed
 * where that has not been done. Throws where there is none.
 *
 * @param {string} named
 * @returns {Promise<string>}
 */
export async function entryOf(named) {
  if (named !== '') {
    if (existsSync(named)) return resolve(named);
    throw new Error(`cli: there is no ${named}`);
  }
  const entry = join(OWN, 'src/cli/bin.js');
  if (!existsSync(entry)) throw new Error(`cli: this copy of the action stands alone; name the path of faultline`);
  if (!existsSync(join(OWN, 'node_modules'))) {
    const args = ['ci', '--omit=dev', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
    const { code } = await run('npm', args, { cwd: OWN });
    if (code !== 0) throw new Error(`npm ci in ${OWN} ended with ${code}: is Node.js set up on this runner?`);
  }
  return entry;
}
