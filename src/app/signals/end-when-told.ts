import { signalCode } from '../../model/exit.ts';
import type { StopSignal } from '../../model/history.ts';

const told = new Set<StopSignal>();

/**
 * From now on a signal that nobody else listens to ends this process with the exit code that it has told, if it has: what comes
 * after the last line does not change what that says.
 */
export function endWhenTold(signals: readonly StopSignal[]): void {
  for (const signal of signals) {
    if (told.has(signal)) continue;
    told.add(signal);
    process.on(signal, () => {
      if (process.listenerCount(signal) === 1) process.exit(process.exitCode ?? signalCode(signal));
    });
  }
}
