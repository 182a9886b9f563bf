import { messageOf } from '../../model/errors.ts';
import { EXIT, signalCode } from '../../model/exit.ts';
import { STOP_SIGNALS, type StopSignal } from '../../model/history.ts';
import { type StopReason, signalIn } from '../../run/stop.ts';
import { endWhenTold } from './end-when-told.ts';
import { watchStarters } from './starters.ts';

const CRASHES = ['uncaughtException', 'unhandledRejection'] as const;
/** What every program ends at. */
const COMMON: readonly StopSignal[] = ['SIGINT', 'SIGTERM', 'SIGHUP'];
/** What makes Node.js open the port of its debugger: in a process of faultline's own it ends the run as the others do. */
const DEBUGGER: StopSignal = 'SIGUSR1';

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
 *
 * In a process of faultline's `own` the end of what has started it (npx, a shell) is a stop as well, since those hand no
 * signal on. In a `shared` one a signal that a program may use as it likes is a stop only where nobody else listens.
 */
export function stopOnSignals(onAgain: (signal: StopSignal) => void, whose: 'own' | 'shared' = 'own'): SignalStop {
  const controller = new AbortController();
  const abort = (reason: StopReason) => controller.abort(reason);
  const signals = (Object.keys(STOP_SIGNALS) as StopSignal[]).filter(
    (signal) => whose === 'own' || signal !== DEBUGGER,
  );
  let received: StopSignal | undefined;
  let crash: { readonly error: unknown } | undefined;
  const onSignal = (signal: StopSignal) => {
    const isOthers = whose === 'shared' && !COMMON.includes(signal) && process.listenerCount(signal) > 1;
    if (isOthers) return;
    if (received !== undefined) return onAgain(signal);
    received = signal;
    abort({ kind: 'signal', signal });
  };
  const onCrash = (error: unknown) => {
    crash ??= { error };
    abort({ kind: 'crash', message: messageOf(error) });
  };
  for (const signal of signals) process.on(signal, onSignal);
  for (const event of CRASHES) process.on(event, onCrash);
  const onOrphaned = (starter: string) => abort({ kind: 'orphaned', starter });
  const endWatch = whose === 'own' ? watchStarters(onOrphaned) : () => {};
  if (whose === 'own') endWhenTold(signals);
  const release = () => {
    endWatch();
    for (const signal of signals) process.off(signal, onSignal);
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

/** The exit code of what a stop has ended; undefined when it is not aborted, or was so by what is no signal and no bug. */
export function stopCode({ reason }: AbortSignal): number | undefined {
  const stopped = reason as StopReason | undefined;
  if (stopped === undefined) return undefined;
  const signal = signalIn(stopped);
  if (signal !== undefined) return signalCode(signal);
  return stopped.kind === 'crash' ? EXIT.internal : undefined;
}

/** The signal that has aborted a stop, or amounts to it; undefined when it is not aborted, or was so by something else. */
export function signalOf({ reason }: AbortSignal): StopSignal | undefined {
  return reason === undefined ? undefined : signalIn(reason as StopReason);
}
