import { type ERROR_CODES, FaultlineError, messageOf } from '../model/errors.ts';
import { EXIT } from '../model/exit.ts';
import { namingTarget } from '../model/recover-command.ts';
import { visibleJson, visibleLine } from '../model/visible.ts';
import { foldLines } from './fold-lines.ts';
import { screenText, shortScreenText } from './screen.ts';
import { type Stream, writeReadable } from './unread.ts';

/** What a stream can show. */
export type Look = { readonly color: boolean; readonly width: number };

/**
 * How this process talks: data on stdout, everything for people on stderr. Whatever a text holds, what is printed is
 * printable. Nothing else writes to these streams but the block of progress.ts.
 */
export type Console = {
  readonly json: boolean;
  /** Whether stderr is a terminal that can be rewritten. */
  readonly live: boolean;
  /** A string may be for programs, and stays as it is. */
  data(text: Text): void;
  /** Text for people on stdout: folded where that is a narrow terminal. */
  show(text: string): void;
  say(text: Text): void;
  /** Text for a block on stderr that is rewritten: folded at any width, since nobody copies from it. */
  block(text: Text): string;
};

/** Text, or what makes it, with colours, for the stream that it goes to. */
type Text = string | ((look: Look) => string);

/** What `outputOption` in command-parts.ts gives a command. */
export type OutputOption = { readonly output: 'text' | 'json' };

type Environment = Readonly<Record<string, string | undefined>>;

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
  const json = format === 'json';
  const made = (text: Text, stream: Stream, shown: typeof screenText): string => {
    if (typeof text === 'string') return shown(text, false);
    const color = wantsColor(env) ?? isTerminal(stream);
    return folded(shown(text({ color, width: stream.columns ?? PLAIN_WIDTH }), color), stream);
  };
  const folded = (text: string, stream: Stream, wide?: number): string =>
    isTerminal(stream) ? foldLines(text, stream.columns ?? PLAIN_WIDTH, wide) : text;
  return {
    json,
    live: isTerminal(stderr) && isUnset(env.CI),
    data: (text) => {
      const whole = json && typeof text === 'string' ? visibleJson(text) : made(text, stdout, screenText);
      stdout.write(whole.replace(/\n?$/, '\n'));
    },
    show: (text) => stdout.write(folded(made(text, stdout, screenText), stdout).replace(/\n?$/, '\n')),
    say: (text) => writeReadable(stderr, `${folded(made(text, stderr, shortScreenText), stderr)}\n`),
    block: (text) => folded(made(text, stderr, shortScreenText), stderr, Number.POSITIVE_INFINITY),
  };
}

const isUnset = (value: string | undefined): boolean => value === undefined || value === '';

/** What the environment asks for; undefined when it leaves it to the stream. */
function wantsColor({ NO_COLOR, FORCE_COLOR }: Environment): boolean | undefined {
  if (!isUnset(NO_COLOR)) return false;
  return isUnset(FORCE_COLOR) ? undefined : FORCE_COLOR !== '0' && FORCE_COLOR !== 'false';
}

/**
 * Prints an error for people: code, what happened, what to do, with the `target` that the command was given in its commands.
 * Returns the exit code that belongs to it.
 */
export function reportError(
  out: Console,
  error: unknown,
  otherwise: number = EXIT.internal,
  target?: string | undefined,
): number {
  if (!(error instanceof FaultlineError)) {
    const stack = error instanceof Error ? (error.stack ?? error.message) : messageOf(error);
    out.say(`error INTERNAL: ${indented(stack, 4)}`);
    out.say('This is a bug in faultline. Please report it with the lines above.');
    return EXIT.internal;
  }
  const message = OF_SEVERAL_LINES.has(error.code) ? indented(error.message, 4) : visibleLine(error.message);
  out.say(`error ${error.code}: ${message}`);
  if (error.hint !== undefined) out.say(`  ${indented(namingTarget(error.hint, target), 2)}`);
  if ('exitCode' in error && typeof error.exitCode === 'number') return error.exitCode;
  return error.code in EXIT_OF_CODE ? (EXIT_OF_CODE[error.code] ?? otherwise) : otherwise;
}

/** Codes of errors that are told in lines of our own, or of programs on this machine; others' words are in the rest. */
const OF_SEVERAL_LINES: ReadonlySet<string> = new Set(['ENV_MISSING', 'LAB', 'LOAD', 'TOKEN', 'USAGE']);

/** With every further line away from the margin, where lines of ours begin. */
function indented(text: string, by: number): string {
  return text.replaceAll(/[\r\n]+ */g, `\n${' '.repeat(by)}`);
}

const EXIT_OF_CODE: Partial<Record<keyof typeof ERROR_CODES, number>> = {
  USAGE: EXIT.usage,
  FILE_UNREADABLE: EXIT.usage,
  RUN_FOLDER: EXIT.usage,
  INTERNAL: EXIT.internal,
};
