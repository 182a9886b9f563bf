import { type ERROR_CODES, FaultlineError, messageOf } from '../model/errors.ts';
import { EXIT } from '../model/exit.ts';

/** What a stream can show. */
export type Look = { readonly color: boolean; readonly width: number };

/** How this process talks: data on stdout, everything for people on stderr. */
export type Console = {
  readonly json: boolean;
  /** Whether stderr is a terminal that can be rewritten. */
  readonly live: boolean;
  data(text: Text): void;
  say(text: Text): void;
};

/** Text, or what makes it for the stream that it goes to. */
type Text = string | ((look: Look) => string);

type Environment = Readonly<Record<string, string | undefined>>;

/** One of the process's output streams. */
export type Stream = { readonly isTTY?: boolean; readonly columns?: number; write(text: string): unknown };

const PLAIN_WIDTH = 100;

/**
 * Each stream by itself: a terminal has colour, a file or pipe has none, whatever the other one is. NO_COLOR forbids it
 * (https://no-color.org), FORCE_COLOR asks for it everywhere and its `0` forbids it, TERM=dumb is no terminal. In CI
 * nothing is rewritten.
 */
export function openConsole(
  format: 'text' | 'json',
  { stdout, stderr }: { readonly stdout: Stream; readonly stderr: Stream } = process,
  env: Environment = process.env,
): Console {
  const isTerminal = (stream: Stream): boolean => stream.isTTY === true && env.TERM !== 'dumb';
  const made = (text: Text, stream: Stream): string => {
    if (typeof text === 'string') return text;
    return text({ color: wantsColor(env) ?? isTerminal(stream), width: stream.columns ?? PLAIN_WIDTH });
  };
  return {
    json: format === 'json',
    live: isTerminal(stderr) && isUnset(env.CI),
    data: (text) => void stdout.write(made(text, stdout).replace(/\n?$/, '\n')),
    say: (text) => void stderr.write(`${made(text, stderr)}\n`),
  };
}

const isUnset = (value: string | undefined): boolean => value === undefined || value === '';

/** What the environment asks for; undefined when it leaves it to the stream. */
function wantsColor({ NO_COLOR, FORCE_COLOR }: Environment): boolean | undefined {
  if (!isUnset(NO_COLOR)) return false;
  return isUnset(FORCE_COLOR) ? undefined : FORCE_COLOR !== '0' && FORCE_COLOR !== 'false';
}

/** Prints an error for people: code, what happened, what to do. Returns the exit code that belongs to it. */
export function reportError(out: Console, error: unknown, otherwise: number = EXIT.internal): number {
  if (!(error instanceof FaultlineError)) {
    out.say(`error INTERNAL: ${error instanceof Error ? (error.stack ?? error.message) : messageOf(error)}`);
    out.say('This is a bug in faultline. Please report it with the lines above.');
    return EXIT.internal;
  }
  out.say(`error ${error.code}: ${error.message}`);
  if (error.hint !== undefined) out.say(`  ${error.hint}`);
  if ('exitCode' in error && typeof error.exitCode === 'number') return error.exitCode;
  return error.code in EXIT_OF_CODE ? (EXIT_OF_CODE[error.code] ?? otherwise) : otherwise;
}

const EXIT_OF_CODE: Partial<Record<keyof typeof ERROR_CODES, number>> = {
  USAGE: EXIT.usage,
  FILE_UNREADABLE: EXIT.usage,
  RUN_FOLDER: EXIT.usage,
  INTERNAL: EXIT.internal,
};
