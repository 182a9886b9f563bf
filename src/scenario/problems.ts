import type { Diagnostic, ErrorCode } from '../model/errors.ts';
import { createSource, type TextSpan } from './source.ts';

/** A diagnostic before offsets are turned into lines and columns. */
type Problem = {
  readonly code: ErrorCode;
  readonly severity: 'error' | 'warning';
  readonly message: string;
  readonly hint?: string | undefined;
  readonly at: TextSpan;
};

/** Where problems are collected; nothing stops at the first. */
export type Problems = Problem[];

const MOST_DIAGNOSTICS = 100;

export function error(problems: Problems, code: ErrorCode, at: TextSpan, message: string, hint?: string): void {
  problems.push({ code, severity: 'error', message, hint, at });
}

export function warning(problems: Problems, code: ErrorCode, at: TextSpan, message: string, hint?: string): void {
  problems.push({ code, severity: 'warning', message, hint, at });
}

export function hasErrors(problems: readonly Problem[]): boolean {
  return problems.some((problem) => problem.severity === 'error');
}

/** Problems in the order of the file, each once, at most a hundred and a note about the rest. */
export function toDiagnostics(problems: readonly Problem[], file: string, text: string): Diagnostic[] {
  const source = createSource(text);
  const sorted = [...problems].sort((a, b) => a.at.start - b.at.start || compareText(a.code, b.code));
  const seen = new Set<string>();
  const unique = sorted.filter((problem) => {
    const key = `${problem.at.start} ${problem.code} ${problem.message}`;
    return seen.has(key) ? false : seen.add(key);
  });
  return capped(unique).map(({ code, severity, message, hint, at }) => ({
    code,
    severity,
    message,
    ...(hint === undefined ? {} : { hint }),
    file,
    ...source.locate(at),
  }));
}

function compareText(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

function capped(problems: readonly Problem[]): readonly Problem[] {
  const next = problems[MOST_DIAGNOSTICS];
  if (next === undefined) return problems;
  const rest = problems.slice(MOST_DIAGNOSTICS);
  const note: Problem = {
    code: 'YAML_LIMIT',
    severity: hasErrors(rest) ? 'error' : 'warning',
    message: `${rest.length} more from here on; only the first ${MOST_DIAGNOSTICS} are listed`,
    at: next.at,
  };
  return [...problems.slice(0, MOST_DIAGNOSTICS), note];
}
