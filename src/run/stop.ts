import { FaultlineError } from '../model/errors.ts';
import type { StopSignal } from '../model/history.ts';

/** Why a run ended before its time. */
export type StopReason =
  | { readonly kind: 'signal'; readonly signal: StopSignal }
  | { readonly kind: 'deadline'; readonly limitMs: number };

/** Thrown between two steps of a run when it was told to stop. */
export class RunStopped extends FaultlineError {
  readonly reason: StopReason;
  constructor(reason: StopReason) {
    super('FAULT_REFUSED', describeStop(reason));
    this.reason = reason;
  }
}

/** The reason in words. */
export function describeStop(reason: StopReason): string {
  return reason.kind === 'signal'
    ? `stopped by ${reason.signal}`
    : `stopped by its own deadline of ${Math.round(reason.limitMs / 1000)} s`;
}

/** Throws RunStopped when the signal has come. */
export function throwIfStopped(signal: AbortSignal): void {
  if (signal.aborted) throw new RunStopped(signal.reason as StopReason);
}
