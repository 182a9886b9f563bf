import { messageOf } from '../model/errors.ts';
import type { StopReason } from '../run/stop.ts';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
type Signal = (typeof SIGNALS)[number];
const CRASHES = ['uncaughtException', 'unhandledRejection'] as const;

type SignalStop = {
  /** Aborted with a StopReason by the first signal, or by an error that nobody caught. */
  readonly stop: AbortSignal;
  /** Ends the listening. */
  readonly release: () => void;
  /**
   * Ends the listening in a process that is not faultline's own: a signal or error that nobody else has heard is given
   * back, and ends the process as it would have at once.
   */
  readonly handBack: () => void;
};

/**
 * Turns the first signal, and a bug that nobody caught, into a stop: everything is undone before the process ends. Later signals never
 * shorten the undo: CI systems send a second one as a matter of course (GitHub sends SIGTERM 7.5 s after SIGINT).
 */
export function stopOnSignals(onAgain: (signal: Signal) => void): SignalStop {
  const controller = new AbortController();
  const abort = (reason: StopReason) => controller.abort(reason);
  let received: Signal | undefined;
  let crash: { readonly error: unknown } | undefined;
  const onSignal = (signal: Signal) => {
    if (received !== undefined) return onAgain(signal);
    received = signal;
    abort({ kind: 'signal', signal });
  };
  const onCrash = (error: unknown) => {
    crash ??= { error };
    abort({ kind: 'crash', message: messageOf(error) });
  };
  for (const signal of SIGNALS) process.on(signal, onSignal);
  for (const event of CRASHES) process.on(event, onCrash);
  const release = () => {
    for (const signal of SIGNALS) process.off(signal, onSignal);
    for (const event of CRASHES) process.off(event, onCrash);
  };
  const handBack = () => {
    release();
    if (received !== undefined && process.listenerCount(received) === 0) process.kill(process.pid, received);
    const { error } = crash ?? {};
    const isUnheard = CRASHES.every((event) => process.listenerCount(event) === 0);
    if (crash !== undefined && isUnheard) {
      setImmediate(() => {
        throw error;
      });
    }
  };
  return { stop: controller.signal, release, handBack };
}

/** The signal that has aborted a stop; undefined when it is not aborted, or was so by something else. */
export function signalOf(stop: AbortSignal): Signal | undefined {
  const reason = stop.reason as StopReason | undefined;
  return reason?.kind === 'signal' ? reason.signal : undefined;
}
