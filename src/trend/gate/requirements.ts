import { FaultlineError } from '../../model/errors.ts';
import { formatDuration, type Millis, parseDuration, parsePercent, type Ratio } from '../../model/units.ts';
import type { Expectation } from '../expectation.ts';

/** A number of runs, or a share of them. */
export type RunLimit = { readonly runs: number } | { readonly share: Ratio };

/** What a gate asks of many runs. */
export type Requirements = {
  /** The chance of a decision to be right, at least. */
  readonly confidence: Ratio;
  /** Share of the runs that must end as expected. */
  readonly passRate?: Ratio;
  /** This quantile of the recovery time must be at most so long. */
  readonly recovery?: { readonly quantile: Ratio; readonly withinMs: Millis };
  /** Most bad requests of all runs together, among all of theirs. */
  readonly errors?: Ratio;
  /** Most runs that may have decided nothing. */
  readonly maxUndecided: RunLimit;
  /** How each run must end; to pass, where absent. */
  readonly expected?: Expectation;
};

/** Options of the command line, as they are written. */
export type WrittenRequirements = {
  readonly passRate?: string;
  readonly recovery?: string;
  readonly errors?: string;
  readonly confidence?: string;
  readonly maxInconclusive?: string;
};

/** Whether more is required than that every run ends as it must. */
export function isAnythingRequired({ passRate, recovery, errors }: Requirements): boolean {
  return passRate !== undefined || recovery !== undefined || errors !== undefined;
}

/** Reads the options. Throws USAGE for the first that is none. */
export function parseRequirements(written: WrittenRequirements, expected?: Expectation): Requirements {
  const { passRate, recovery, errors, confidence = '0.95', maxInconclusive = '0' } = written;
  return {
    confidence: confidenceOf(confidence),
    ...(passRate !== undefined && { passRate: passRateOf(passRate) }),
    ...(recovery !== undefined && { recovery: recoveryOf(recovery) }),
    ...(errors !== undefined && { errors: errorsOf(errors) }),
    maxUndecided: limitOf(maxInconclusive),
    ...(expected !== undefined && { expected }),
  };
}

function refused(option: string, text: string, why: string, hint: string): FaultlineError {
  return new FaultlineError('USAGE', `--${option} ${text}: ${why}`, { hint });
}

/** `0.95` or `95%`. */
function ratioOf(text: string): Ratio | undefined {
  if (!/^\d(?:\.\d{1,12})?$/.test(text)) return parsePercent(text);
  return Number(text) <= 1 ? Number(text) : undefined;
}

function confidenceOf(text: string): Ratio {
  const ratio = ratioOf(text);
  if (ratio !== undefined && ratio >= 0.5 && ratio <= 0.999999) return ratio;
  throw refused('confidence', text, 'not a share from 0.5 to 0.999999', 'for example --confidence 0.95');
}

function passRateOf(text: string): Ratio {
  const ratio = ratioOf(text);
  if (ratio === 1) {
    const hint = 'for example --pass-rate 0.95, which 59 runs without a miss show with 95 % confidence';
    throw refused('pass-rate', text, 'no number of runs shows that all will pass', hint);
  }
  if (ratio !== undefined && ratio > 0) return ratio;
  throw refused('pass-rate', text, 'not a share', 'for example --pass-rate 0.95');
}

const RECOVERY = /^p(\d{1,2}(?:\.\d{1,6})?)\s*<=\s*(\S+)$/;

function recoveryOf(text: string): NonNullable<Requirements['recovery']> {
  const [, percent = '', duration = ''] = RECOVERY.exec(text.trim()) ?? [];
  const quantile = parsePercent(`${percent}%`);
  const withinMs = parseDuration(duration);
  if (quantile !== undefined && quantile > 0 && withinMs !== undefined && withinMs > 0) return { quantile, withinMs };
  throw refused('recovery', text, 'not a percentile and a bound', 'for example --recovery "p95<=5s"');
}

function errorsOf(text: string): Ratio {
  const ratio = ratioOf(text.replace(/^<=\s*/, ''));
  if (ratio !== undefined) return ratio;
  throw refused('errors', text, 'not a share of bad requests', 'for example --errors "<=0.5%"');
}

function limitOf(text: string): RunLimit {
  const share = parsePercent(text);
  if (share !== undefined) return { share };
  if (/^\d{1,6}$/.test(text)) return { runs: Number(text) };
  throw refused('max-inconclusive', text, 'neither a number nor a share of runs', 'for example 2, or 5%');
}

export function percentileText(quantile: Ratio): string {
  return `p${Number((quantile * 100).toFixed(6))}`;
}

/** `p95 <= 5s` */
export function recoveryText({ quantile, withinMs }: NonNullable<Requirements['recovery']>): string {
  return `${percentileText(quantile)} <= ${formatDuration(withinMs)}`;
}
