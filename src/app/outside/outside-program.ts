import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { Socket } from 'node:net';
import type { Readable } from 'node:stream';
import type { OutsideEnd } from '../../model/ports.ts';
import type { Millis } from '../../model/units.ts';

type Options = {
  /** Its whole environment. */
  readonly env: Readonly<Record<string, string>>;
  readonly limit: Millis;
  /** Where it runs; that of this process when absent. */
  readonly folder?: string;
  /** Whether it may go on, up to its limit, when this process has died. */
  readonly outlives: boolean;
  /** Ends it before its limit. */
  readonly signal?: AbortSignal | undefined;
};

/** How long what a program has said may take to be read after its end: what it has left running may hold its output for ever. */
const SAID_MS: Millis = 500;

/** Most that is kept of what a program or an answer says. */
export const MOST_BYTES = 65_536;

/** The words in these bytes; where there are more than are kept, `…` stands for what is missing. */
export function saidIn(chunks: readonly Uint8Array[]): string {
  const bytes = Buffer.concat(chunks);
  return `${bytes.subarray(0, MOST_BYTES)}${bytes.length > MOST_BYTES ? '…' : ''}`.trim();
}

/**
 * Becomes the program, and leaves a reaper in its process group. A line on descriptor 3 dismisses the reaper. It ends all
 * of the group when that descriptor comes to its end without one, as it does when whoever has started the program dies, and
 * at the limit, which one who is stopped cannot count. A program that outlives who has started it may still say something, to
 * nobody. Words: seconds, whether it outlives that, and the program.
 */
const REAPED = `
{
  sleep "$1" & limit=$!
  { if read -r _; then kill "$limit"; elif [ "$2" = no ]; then kill -s KILL 0; fi; } <&3 &
  wait "$limit" && kill -s KILL 0
} >/dev/null 2>&1 &
if [ "$2" = yes ]; then trap '' PIPE; fi
shift 2
exec "$@" 3<&-`;

/**
 * Runs a program to its own end, and ends it after its limit with all that it has started. It is in a process group of its own:
 * Ctrl-C is no business of an undo. Where this process dies, it ends as well, unless it may outlive that. Rejects where it
 * has not come to an end by itself.
 */
export async function runProgram(
  command: readonly string[],
  { env, limit, outlives, signal, folder }: Options,
): Promise<OutsideEnd> {
  const seconds = Math.ceil(limit / 1000) + 1;
  const words = ['-c', REAPED, 'hook', String(seconds), outlives ? 'yes' : 'no', ...command];
  const child = spawn('/bin/sh', words, {
    env,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
    ...(folder === undefined ? {} : { cwd: folder }),
  });
  const [, stdout, stderr, reaper] = child.stdio;
  // It may be gone with all of its group.
  reaper?.on('error', () => {});
  const chunks: Buffer[] = [];
  const complaints: Buffer[] = [];
  const keep = keepIn(chunks);
  const keepApart = keepIn(complaints);
  for (const stream of [stdout, stderr]) stream?.on('data', keep);
  stderr?.on('data', keepApart);
  const closed = Promise.allSettled([stdout, stderr].map((stream) => stream && once(stream, 'close')));
  const late = Promise.withResolvers<never>();
  const end = (why: string) => {
    endGroup(child.pid);
    late.reject(new Error(why));
  };
  const timer = setTimeout(() => end(`took longer than ${limit / 1000} s`), limit);
  const stop = () => end('was told to end');
  signal?.addEventListener('abort', stop);

  try {
    const [code, by] = await Promise.race([once(child, 'exit'), late.promise]);
    clearTimeout(timer);
    const isRead = await within(closed, SAID_MS);
    if (code === null) throw new Error(`was ended by ${by}`);
    return { code, said: saidIn(chunks), stderr: saidIn(complaints), ...(isRead ? {} : { left: true }) };
  } finally {
    clearTimeout(timer);
    stderr?.off('data', keepApart);
    for (const stream of [stdout, stderr]) letGo(stream, keep);
    signal?.removeEventListener('abort', stop);
    if (reaper !== null && reaper !== undefined && 'end' in reaper) reaper.end('\n');
  }
}

/** Keeps the beginning of what comes, and whether there was more. */
function keepIn(chunks: Buffer[]): (chunk: Buffer) => void {
  return (chunk) => {
    const left = MOST_BYTES + 1 - chunks.reduce((sum, one) => sum + one.length, 0);
    if (left > 0) chunks.push(chunk.subarray(0, left));
  };
}

/** Whether work ends in so much time, and in a turn of the event loop after it, so that what had come by then has been read. */
async function within(work: Promise<unknown>, ms: Millis): Promise<boolean> {
  const timer = Promise.withResolvers<boolean>();
  const late = setTimeout(() => setTimeout(() => timer.resolve(false), 1), ms);
  return Promise.race([work.then(() => true), timer.promise]).finally(() => clearTimeout(late));
}

/** Reads on for those who still write, and waits for none of them: what cannot be written ends many a program. */
function letGo(stream: Readable | null, keep: (chunk: Buffer) => void): void {
  stream?.off('data', keep).resume();
  if (stream instanceof Socket) stream.unref();
}

function endGroup(leader: number | undefined): void {
  try {
    if (leader !== undefined) process.kill(-leader, 'SIGKILL');
  } catch {
    // All of them have ended in this very moment.
  }
}
