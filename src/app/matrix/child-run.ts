import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { EXIT } from '../../model/exit.ts';
import type { StopSignal } from '../../model/history.ts';
import { recoverCommand } from '../../model/recover-command.ts';
import type { RunResult } from '../../model/result.ts';
import type { Millis } from '../../model/units.ts';
import { listRunFolders } from '../../store/run-folder.ts';
import { signalOf } from '../signals/signals.ts';
import { startsAnew } from '../targets/index.ts';

/** How a run in a process of its own has ended. */
export type ChildRun = {
  /** Its exit code, or what it would have been of one that was killed. */
  readonly code: number;
  /** Absent where it gave nothing to judge: it was refused before anything began, or the process has died. */
  readonly result?: RunResult;
  /** The run folder, where there is a result. */
  readonly folder?: string;
  /** Why its reports could not be written, where they could not. */
  readonly problem?: string;
  /** Where nobody knows what it has left: why, and the command that finds out. */
  readonly open?: { readonly why: string; readonly recover: string };
};

export type ChildOptions = {
  readonly target: string;
  readonly out: string;
  readonly yes: boolean;
  readonly wait: Millis | undefined;
  /** Takes each line that it says to people; absent: it says them itself, on this process's stderr. */
  readonly tell?: (line: string) => void;
};

/**
 * Runs one scenario by the command line in a process of its own, so that what becomes of one run is nothing to the next.
 * With `yes` real clusters are touched unasked; a process without a terminal refuses them otherwise. `wait` is that of `run`. `stop` asks it to end by the same signal, which undoes everything first. `out` is its own.
 */
export async function runInChild(
  file: string,
  { target, out, yes, wait, tell }: ChildOptions,
  stop: AbortSignal,
): Promise<ChildRun> {
  const suffix = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
  const main = fileURLToPath(new URL(`../../cli/main.${suffix}`, import.meta.url));
  const asked = [...(yes ? ['--yes'] : []), ...(wait === undefined ? [] : ['--wait', `${wait}ms`])];
  const args = [main, 'run', file, '--target', target, '--out', out, '--output', 'json', ...asked];
  const child = spawn(process.execPath, [...process.execArgv, ...args], {
    stdio: ['ignore', 'pipe', tell === undefined ? 'inherit' : 'pipe'],
  });
  if (child.stderr !== null && tell !== undefined) createInterface({ input: child.stderr }).on('line', tell);
  const end = () => child.kill(passedOn(signalOf(stop)));
  stop.addEventListener('abort', end);
  if (stop.aborted) end();
  try {
    const pieces: Buffer[] = [];
    child.stdout?.on('data', (piece: Buffer) => pieces.push(piece));
    const { promise, resolve, reject } = Promise.withResolvers<[code: number | null, signal: NodeJS.Signals | null]>();
    child.once('error', reject);
    child.once('close', (...end) => resolve(end));
    const [code, signal] = await promise;
    const ended = code ?? killedCode(signal, out);
    const made = parsed(Buffer.concat(pieces).toString('utf8'));
    if (made.result !== undefined || ended !== EXIT.undoIncomplete) return { code: ended, ...made };
    const how = signal === null ? `it ended with exit code ${ended} and no result` : `killed (${signal})`;
    const recover = recoverCommand({ out, target: startsAnew(target) ? undefined : target });
    return { code: ended, open: { why: `${how}: nobody knows what it has left`, recover } };
  } finally {
    stop.removeEventListener('abort', end);
  }
}

/** As it was sent to this process, but for what a process that has only just been started does not end at. */
function passedOn(signal: StopSignal | undefined): NodeJS.Signals {
  return signal === undefined || signal === 'SIGUSR1' ? 'SIGTERM' : signal;
}

/** Of what was killed from outside: where it has begun a run, nobody knows what that has left, and else nothing was touched. */
function killedCode(signal: NodeJS.Signals | null, out: string): number {
  if (signal === null || listRunFolders(out).length > 0) return EXIT.undoIncomplete;
  return 128 + constants.signals[signal];
}

function parsed(stdout: string): Pick<ChildRun, 'result' | 'folder' | 'problem'> {
  try {
    const { folder, problem, ...result } = JSON.parse(stdout) as RunResult &
      Pick<ChildRun, 'problem'> & { folder: string };
    return { result, folder, ...(problem === undefined ? {} : { problem }) };
  } catch {
    return {};
  }
}
