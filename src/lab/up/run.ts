import { execFile } from 'node:child_process';
import { FaultlineError, messageOf } from '../../model/errors.ts';

/** A program and its arguments. */
export type Command = readonly [program: string, ...args: string[]];

/** The environment of everything that the lab runs: nothing of the caller's but the search path of the system. */
export const ENVIRONMENT = { PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', LANG: 'C' };

/** Long, for an import of images on a machine that has much else to do. */
const PATIENCE_MS = 180_000;
const MOST_OUTPUT = 64 * 1024 * 1024;

/** Runs a program to its end and returns what it wrote to stdout. Rejects with LAB that holds what it wrote to stderr. */
export function run(command: Command, input = ''): Promise<string> {
  const [program, ...args] = command;
  const options = { env: ENVIRONMENT, cwd: '/', timeout: PATIENCE_MS, maxBuffer: MOST_OUTPUT };
  return new Promise((resolve, reject) => {
    const child = execFile(program, args, options, (error, stdout, stderr) => {
      if (error === null) resolve(stdout);
      else reject(failed(command, stderr.trim() || messageOf(error), error));
    });
    child.stdin?.on('error', () => {});
    child.stdin?.end(input);
  });
}

/** Runs them one after the other. */
export async function runAll(commands: readonly Command[]): Promise<void> {
  for (const command of commands) await run(command);
}

function failed(command: Command, why: string, cause: unknown): FaultlineError {
  return new FaultlineError('LAB', `${command.join(' ').slice(0, 200)}: ${why.slice(-600)}`, { cause });
}
