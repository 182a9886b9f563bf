import { FaultlineError } from '../model/errors.ts';
import type { StopSignal } from '../model/history.ts';

/** Why a run ended before its time. */
export type StopReason =
  | { readonly kind: 'signal'; readonly signal: StopSignal }
  /** The program that runs it from code has said so. */
  | { readonly kind: 'program' }
  /** What has started the process is gone, and with it whoever would hand on a signal. */
  | { readonly kind: 'orphaned'; readonly starter: string }
  | { readonly kind: 'deadline'; readonly limitMs: number }
  | { readonly kind: 'crash'; readonly message: string }
  /** What happens cannot be written down any more. */
  | { readonly kind: 'record'; readonly message: string }
  /** A lease was lost, or a cluster is frozen. */
  | { readonly kind: 'lease'; readonly message: string }
  /** Nothing in a cluster would put the faults back any more. */
  | { readonly kind: 'dead-man'; readonly message: string }
  /** An abort condition was met. */
  | { readonly kind: 'abort'; readonly message: string };

/** Thrown between two steps of a run when it was told to stop. */
export class RunStopped extends FaultlineError {
  readonly reason: StopReason;
  constructor(reason: StopReason) {
    super('FAULT_REFUSED', describeStop(reason));
    this.reason = reason;
  }
}

/** The reason in words. */
function describeStop(reason: StopReason): string {
  switch (reason.kind) {
    case 'signal':
      return `stopped by ${reason.signal}`;
    case 'program':
      return 'stopped by the program that runs it';
    case 'orphaned':
      return `stopped because ${reason.starter}, which had started it, has ended`;
    case 'deadline':
      return `stopped by its own deadline of ${Math.round(reason.limitMs / 1000)} s`;
    case 'crash':
      return `stopped by an error that nobody caught: ${reason.message}`;
    case 'record':
      return `stopped, since nothing can be recorded any more: ${reason.message}`;
    case 'lease':
    case 'dead-man':
      return `stopped: ${reason.message}`;
    case 'abort':
      return `stopped by its abort condition ${reason.message}`;
  }
}

/**
 * The signal that a stop is, or amounts to: a process that has lost its starter ends as one that has lost its terminal, and what a
 * program stops as what somebody terminates.
 */
export function signalIn(reason: StopReason): StopSignal | undefined {
  if (reason.kind === 'orphaned') return 'SIGHUP';
  if (reason.kind === 'program') return 'SIGTERM';
  return reason.kind === 'signal' ? reason.signal : undefined;
}

/** Throws RunStopped when the signal has come. */
export function throwIfStopped(signal: AbortSignal): void {
  if (signal.aborted) throw new RunStopped(signal.reason as StopReason);
}
