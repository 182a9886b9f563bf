import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
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

/** Lines of a log that go into an error. */
const TAIL_LINES = 12;

export const runCommand: Run = async (command, log, signal) => {
  const words = [command.program, ...command.args].join(' ');
  const file = createWriteStream(log, { flags: 'a' });
  file.write(`$ ${words}\n`);
  try {
    const child = spawn(command.program, command.args, {
      cwd: command.cwd,
      env: { ...process.env, ...command.env },
      stdio: ['ignore', 'pipe', 'pipe'],
      signal,
    });
    let said = '';
    let complained = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      said += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      file.write(text);
      complained = (complained + text).slice(-20_000);
    });
    const [code] = (await once(child, 'close').catch((error: unknown) => {
      throw signal.aborted ? stopped(error) : notThere(command, error);
    })) as [number | null];
    if (code !== 0) throw failed(words, code, complained, log, command.hint);
    return said;
  } finally {
    file.end();
    await once(file, 'close');
  }
};

function stopped(cause: unknown): FaultlineError {
  return new FaultlineError('LAB', 'the build was stopped', {
    hint: 'faultline lab build goes on where it was.',
    cause,
  });
}

function notThere(command: Command, cause: unknown): FaultlineError {
  return new FaultlineError('LAB', `${command.program} cannot be run: ${messageOf(cause)}`, {
    hint: command.hint,
    cause,
  });
}

function failed(words: string, code: number | null, stderr: string, log: string, hint: string): FaultlineError {
  const tail = stderr.trimEnd().split('\n').slice(-TAIL_LINES).join('\n');
  const how = code === null ? 'was killed' : `failed with exit code ${code}`;
  return new FaultlineError('LAB', `${words}\n${how}:\n${tail}\n(all of it: ${log})`, { hint });
}
