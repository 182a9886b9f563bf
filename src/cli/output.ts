import { type ERROR_CODES, FaultlineError, messageOf } from '../model/errors.ts';
import { EXIT } from '../model/exit.ts';

/** How this process talks: data on stdout, everything for people on stderr. */
export type Console = {
  readonly json: boolean;
  /** Whether stderr is a terminal that can be rewritten. */
  readonly live: boolean;
  readonly color: boolean;
  readonly width: number;
  data(text: string): void;
  say(text: string): void;
};

type Environment = Readonly<Record<string, string | undefined>>;

/** Decides by NO_COLOR, FORCE_COLOR, TERM, CI and whether there is a terminal (https://no-color.org). */
export function openConsole(format: 'text' | 'json', env: Environment = process.env): Console {
  const terminal = process.stderr.isTTY === true && env.TERM !== 'dumb';
  const forced = env.FORCE_COLOR !== undefined && env.FORCE_COLOR !== '' && env.FORCE_COLOR !== '0';
  const refused = env.NO_COLOR !== undefined && env.NO_COLOR !== '';
  return {
    json: format === 'json',
    live: terminal && env.CI === undefined,
    color: !refused && (forced || terminal),
    width: process.stderr.columns ?? 100,
    data: (text) => void process.stdout.write(text.endsWith('\n') ? text : `${text}\n`),
    say: (text) => void process.stderr.write(`${text}\n`),
  };
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
