import type { ErrorCode } from '../model/errors.ts';
import type { TextSpan } from './source.ts';

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

export function error(problems: Problems, code: ErrorCode, at: TextSpan, message: string, hint?: string): void {
  problems.push({ code, severity: 'error', message, hint, at });
}

export function warning(problems: Problems, code: ErrorCode, at: TextSpan, message: string, hint?: string): void {
  problems.push({ code, severity: 'warning', message, hint, at });
}

export function hasErrors(problems: readonly Problem[]): boolean {
  return problems.some((problem) => problem.severity === 'error');
}
