import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import type { Writable } from 'node:stream';
import { FaultlineError, messageOf } from '../../model/errors.ts';

/** A program to run, without a shell. */
export type Command = {
  readonly program: string;
  readonly args: readonly string[];
  readonly cwd: string;
  /** Added to the environment of this process. */
  readonly env?: Readonly<Record<string, string>>;
  /** What to do when it is not there or fails. */
  readonly hint: string;
};

/**
 * The port to other programs. Resolves with what the program wrote on stdout; stderr is appended to the file `log`.
 * Rejects with FaultlineError LAB, which holds the last lines of stderr, when it fails or the signal ends it.
 */
export type Run = (command: Command, log: string, signal: AbortSignal) => Promise<string>;

/** Lines of a log that go into an error, and characters that are kept for them. */
const TAIL_LINES = 12;
const TAIL_LIMIT = 20_000;

export const runCommand: Run = async (command, log, signal) => {
  const words = [command.program, ...command.args].join(' ');
  const file = createWriteStream(log, { flags: 'a' });
  file.write(`$ ${words}\n`);
  try {
    const { code, stdout, tail } = await spawned(command, file, signal);
    if (signal.aborted) throw stopped();
    // Go tells some of its troubles on stdout.
    if (code !== 0) throw failed(words, code, tail || stdout, log, command.hint);
    return stdout;
  } finally {
    file.end();
    await once(file, 'close');
  }
};

type Ended = { readonly code: number | null; readonly stdout: string; readonly tail: string };

async function spawned(command: Command, log: Writable, signal: AbortSignal): Promise<Ended> {
  const { program, args, cwd, env } = command;
  if (signal.aborted) throw stopped();
  const child = spawn(program, args, { cwd, env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
  // Go and pip take their temporary files with them when they are interrupted, not when they are terminated.
  const interrupt = (): void => void child.kill('SIGINT');
  signal.addEventListener('abort', interrupt);
  let stdout = '';
  let tail = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    log.write(text);
    tail = (tail + text).slice(-TAIL_LIMIT);
  });
  try {
    const [code] = (await once(child, 'close')) as [number | null];
    return { code, stdout, tail };
  } catch (error) {
    throw new FaultlineError('LAB', `${program} cannot be run: ${messageOf(error)}`, {
      hint: command.hint,
      cause: error,
    });
  } finally {
    signal.removeEventListener('abort', interrupt);
  }
}

function stopped(): FaultlineError {
  return new FaultlineError('LAB', 'the build was stopped', { hint: 'faultline lab build goes on where it was.' });
}

function failed(words: string, code: number | null, tail: string, log: string, hint: string): FaultlineError {
  const lines = tail.trimEnd().split('\n').slice(-TAIL_LINES).join('\n');
  const how = code === null ? 'was killed' : `failed with exit code ${code}`;
  return new FaultlineError('LAB', `${words}\n${how}:\n${lines}\n(all of it: ${log})`, { hint });
}
