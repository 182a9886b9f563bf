import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Readable } from 'node:stream';
import type { Millis } from '../model/units.ts';

/** A program that makes credentials, as a kubeconfig names it. */
export type PluginProgram = {
  readonly command: string;
  readonly args: readonly string[];
  /** Its whole environment. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** It may ask the person at this terminal: it reads what is typed there, and what it says is shown there as well. */
  readonly asks: boolean;
  readonly limit: Millis;
};

/** How it has ended, and all that it has said. */
export type PluginEnd = { readonly stdout: string; readonly stderr: string } & (
  | { readonly code: number }
  | { readonly by: string }
  | { readonly absent: true }
  | { readonly late: true }
);

/** Most that one may say, in bytes: what comes after that is not kept, and is no credential. */
const MOST_BYTES = 1_048_576;
/** How long what it has said may take to be read after its end: what it has left running may hold its output for ever. */
const SAID_MS: Millis = 500;

/**
 * Becomes the program, and leaves a reaper behind. A line on descriptor 3 dismisses the reaper; when that descriptor comes to its
 * end without one, as it does when whoever has started the program dies, it ends the program, with its process group where it has
 * one of its own. Words: whom to end, and the program.
 */
const REAPED = `
command -v "$2" >/dev/null 2>&1 || { echo absent >&3; exit 127; }
if [ "$1" = group ]; then whom=0; else whom=$$; fi
{ read -r _ <&3 || kill -s KILL "$whom"; } </dev/null >/dev/null 2>&1 &
shift
exec "$@" 3<&-`;

/**
 * Runs a credential plugin to its end. It is ended at its limit, at the signal, and when this process ends in whatever way. One that may ask
 * stays in the process group of the terminal, or it could not read there; any other has its own, and is ended with all that it has
 * started.
 */
export async function runPlugin(program: PluginProgram, signal: AbortSignal): Promise<PluginEnd> {
  const { command, args, env, asks, limit } = program;
  const whom = asks ? 'program' : 'group';
  const child = spawn('/bin/sh', ['-c', REAPED, 'plugin', whom, command, ...args], {
    env,
    detached: !asks,
    stdio: [asks ? 'inherit' : 'ignore', 'pipe', 'pipe', 'pipe'],
  });
  const [, , , reaper] = child.stdio;
  reaper?.on('error', () => {});
  const [stdout, stderr, told] = [child.stdout, child.stderr, reaper as Readable].map(keeping);
  if (asks) child.stderr?.on('data', (piece: Buffer) => process.stderr.write(piece));
  const closed = Promise.allSettled([child.stdout, child.stderr].map((stream) => stream && once(stream, 'close')));
  const ended = Promise.withResolvers<{ readonly late: true }>();
  const end = () => {
    kill(asks ? child.pid : child.pid && -child.pid);
    ended.resolve({ late: true });
  };
  const timer = setTimeout(end, limit);
  signal.addEventListener('abort', end, { once: true });
  if (signal.aborted) end();
  try {
    const exited = once(child, 'exit').then(([code, by]) =>
      code === null ? { by: String(by) } : { code: Number(code) },
    );
    const how = await Promise.race([exited, ended.promise]);
    await within(closed, SAID_MS);
    const isAbsent = told?.().includes('absent') === true;
    return { ...(isAbsent ? { absent: true } : how), stdout: stdout?.() ?? '', stderr: stderr?.() ?? '' };
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', end);
    child.stdout?.destroy();
    child.stderr?.destroy();
    if (reaper !== null && reaper !== undefined && 'end' in reaper) reaper.end('\n', () => reaper.destroy());
  }
}

/** Keeps what a stream says, up to the most that is read of it. */
function keeping(stream: Readable | null): () => string {
  const pieces: Buffer[] = [];
  let size = 0;
  stream?.on('data', (piece: Buffer) => {
    if (size < MOST_BYTES) pieces.push(piece);
    size += piece.length;
  });
  return () => Buffer.concat(pieces).toString('utf8');
}

/** Waits for work, for so much time at the most, and a turn of the event loop after it, so that what had come by then has been read. */
async function within(work: Promise<unknown>, ms: Millis): Promise<void> {
  const timer = Promise.withResolvers<void>();
  const late = setTimeout(() => setTimeout(timer.resolve, 1), ms);
  await Promise.race([work, timer.promise]).finally(() => clearTimeout(late));
}

function kill(whom: number | undefined): void {
  try {
    if (whom !== undefined) process.kill(whom, 'SIGKILL');
  } catch {
    // It has ended in this very moment.
  }
}
