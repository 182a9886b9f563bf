import { messageOf } from '../model/errors.ts';
import type { StopReason } from '../run/stop.ts';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
const CRASHES = ['uncaughtException', 'unhandledRejection'] as const;

/**
 * Turns the first signal, and a bug that nobody caught, into a stop: everything is undone before the process ends. Later signals never
 * shorten the undo: CI systems send a second one as a matter of course (GitHub sends SIGTERM 7.5 s after SIGINT).
 */
export function stopOnSignals(onAgain: (signal: string) => void): {
  readonly stop: AbortSignal;
  readonly received: () => (typeof SIGNALS)[number] | undefined;
  readonly release: () => void;
} {
  const controller = new AbortController();
  let received: (typeof SIGNALS)[number] | undefined;
  const handle = (signal: (typeof SIGNALS)[number]) => {
    if (received !== undefined) return onAgain(signal);
    received = signal;
    const reason: StopReason = { kind: 'signal', signal };
    controller.abort(reason);
  };
  const crash = (error: unknown) => {
    const reason: StopReason = { kind: 'crash', message: messageOf(error) };
    controller.abort(reason);
  };
  for (const signal of SIGNALS) process.on(signal, handle);
  for (const event of CRASHES) process.on(event, crash);
  return {
    stop: controller.signal,
    received: () => received,
    release: () => {
      for (const signal of SIGNALS) process.off(signal, handle);
      for (const event of CRASHES) process.off(event, crash);
    },
  };
}
