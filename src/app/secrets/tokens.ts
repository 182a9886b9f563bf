import { type ChildProcess, execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { promisify } from 'node:util';
import { FaultlineError, messageOf } from '../../model/errors.ts';
import type { Clock, HeaderChange, LoadOrder } from '../../model/ports.ts';
import { type Redact, redactor } from '../../model/redact.ts';
import type { Scenario } from '../../model/scenario.ts';
import type { Topology } from '../../model/target.ts';
import type { Millis } from '../../model/units.ts';
import { filePath, type TokenHeader, tokenHeaders } from '../../scenario/index.ts';
import { hiddenTexts, SENDABLE, type Secrets } from './secrets.ts';

/** Values of headers that come from files and commands. */
export type Tokens = {
  /** As they are now. */
  readonly secrets: Secrets;
  /**
   * Reads those again whose scenario says so, until the returned function is called. `onChange` hears of all values when one
   * has changed, `onTrouble` of one that could not be read again, in words: the value before goes on being sent.
   */
  follow(clock: Clock, onChange: (secrets: Secrets) => void, onTrouble: (text: string) => void): () => void;
};

/** Longest run of a command, and most that it may say. */
const COMMAND_MS: Millis = 30_000;
const MOST_BYTES = 65_536;
/** How long what it has said may take to be read after its end. */
const SAID_MS: Millis = 500;

/**
 * Reads every token of a valid scenario for the first time. Commands run without a shell, in the folder of the scenario.
 * Rejects with FaultlineError TOKEN with every one that cannot be read, each with its place; nothing of what a command
 * said is in it.
 */
export async function openTokens(text: string, file: string): Promise<Tokens> {
  const headers = tokenHeaders(text);
  const folder = dirname(file);
  const read = await Promise.all(headers.map((header) => tryRead(header, folder)));
  const problems = read.flatMap((one, index) => {
    const at = headers[index]?.at;
    return 'problem' in one ? [`${file}:${at?.line}:${at?.column}: ${one.problem}`] : [];
  });
  if (problems.length > 0) {
    const hint = 'Try it by hand, in the folder of the scenario; nothing was touched.';
    throw new FaultlineError('TOKEN', problems.join('\n'), { hint });
  }
  const values = read.map((one) => ('value' in one ? one.value : ''));
  const secretsNow = (): Secrets => headers.map((header, index) => secretOf(header, values[index] ?? ''));
  return {
    secrets: secretsNow(),
    follow: (clock, onChange, onTrouble) => {
      const stop = new AbortController();
      const again = async (header: TokenHeader, index: number): Promise<void> => {
        const one = await tryRead(header, folder);
        if (stop.signal.aborted) return;
        if ('problem' in one) return onTrouble(`${one.problem}; the value before is sent on`);
        if (one.value === values[index]) return;
        values[index] = one.value;
        onChange(secretsNow());
      };
      const every = async (ms: Millis, read: () => Promise<void>): Promise<void> => {
        await clock.sleep(ms, stop.signal);
        while (!stop.signal.aborted) {
          await read();
          await clock.sleep(ms, stop.signal);
        }
      };
      for (const [index, header] of headers.entries()) {
        if (header.refreshMs !== undefined) void every(header.refreshMs, () => again(header, index));
      }
      return () => stop.abort();
    },
  };
}

type Subscribe = NonNullable<LoadOrder['onHeaders']>;

/** Tokens that change while a run goes on: its engine sends them, and nothing that is written holds one. */
export function tokenFeed(
  tokens: Tokens,
  { scenario, topology }: { readonly scenario: Scenario; readonly topology: Topology },
  before: readonly string[],
): { readonly redact: Redact; listen(clock: Clock, warn: (text: string) => void): Subscribe; stop(): void } {
  let hidden = before;
  let redact = redactor(hidden);
  let stop = () => {};
  return {
    redact: (text) => redact(text),
    listen: (clock, warn) => (tell) => {
      const onChange = (now: Secrets): void => {
        hidden = [...new Set([...hidden, ...hiddenTexts(now, scenario, topology)])];
        redact = redactor(hidden);
        tell({ headers: now.flatMap((secret) => changeOf(secret, scenario)), hidden });
      };
      stop = tokens.follow(clock, onChange, warn);
    },
    stop: () => stop(),
  };
}

function changeOf({ path, place, value }: Secrets[number], { load }: Scenario): HeaderChange['headers'] {
  const name = load.paths[path]?.name;
  return name === undefined || !('header' in place) ? [] : [{ path: name, name: place.header, value }];
}

function secretOf({ path, name, prefix }: TokenHeader, secret: string): Secrets[number] {
  return { path, place: { header: name }, secret, value: prefix + secret };
}

type Read = { readonly value: string } | { readonly problem: string };

async function tryRead(header: TokenHeader, folder: string): Promise<Read> {
  const what = `the header ${header.name} needs ${sourceText(header)}`;
  try {
    const value = (await readSource(header, folder)).replace(/\r?\n$/, '');
    if (value.trim() === '') return { problem: `${what}, which says nothing` };
    const isSendable = SENDABLE.test(value);
    return isSendable ? { value } : { problem: `${what}, which says more than a header can hold: one line` };
  } catch (error) {
    return { problem: `${what}, ${whyNot(error)}` };
  }
}

function sourceText({ source }: TokenHeader): string {
  return 'file' in source ? `the file ${source.file}` : `the command ${source.command[0]}`;
}

async function readSource({ source }: TokenHeader, folder: string): Promise<string> {
  if ('file' in source) return readFile(filePath(source.file, folder), 'utf8');
  const [program = '', ...args] = source.command;
  const limits = { cwd: folder, timeout: COMMAND_MS, maxBuffer: MOST_BYTES };
  const running = promisify(execFile)(program, args, limits);
  letGo(running.child);
  return (await running).stdout;
}

/** A command is over when it has ended itself: what it has left running, as an agent, may hold its output for ever. */
function letGo(child: ChildProcess): void {
  const close = () => {
    child.stdout?.destroy();
    child.stderr?.destroy();
  };
  child.once('exit', () => {
    // After the time a turn of the event loop, so that what has come by then is read.
    const timer = setTimeout(() => setTimeout(close, 1), SAID_MS);
    child.once('close', () => clearTimeout(timer));
  });
}

/** The message of a failed command has its arguments in it, and what it said. */
function whyNot(error: unknown): string {
  const { code, killed, signal } = error as { code?: unknown; killed?: boolean; signal?: unknown };
  if (killed) return `which took longer than ${COMMAND_MS / 1000} s or said too much`;
  if (typeof code === 'number') return `which ended with exit code ${code}`;
  if (typeof signal === 'string') return `which was ended by ${signal}`;
  return code === 'ENOENT'
    ? 'which is not there'
    : `which cannot be used: ${typeof code === 'string' ? code : messageOf(error)}`;
}
