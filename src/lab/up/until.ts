import { FaultlineError, messageOf } from '../../model/errors.ts';
import type { Clock } from '../../model/ports.ts';
import type { Started } from './daemon.ts';

/** Something to wait for. */
type Wait = {
  readonly what: string;
  readonly limitMs: number;
  /** Resolves to true when it has come, or to what is missing. An error counts as what is missing. */
  readonly check: () => Promise<true | string>;
  /** Without these it never comes. */
  readonly needs?: readonly Started[];
};

export type Waiting = { readonly clock: Clock; readonly signal: AbortSignal };

const PAUSE_MS = 200;

/** Resolves when it has come. Rejects with LAB after its limit, or when one of what it needs has ended; at once on the signal. */
export async function until({ what, limitMs, check, needs = [] }: Wait, { clock, signal }: Waiting): Promise<void> {
  const deadline = clock.now() + limitMs * 1000;
  for (;;) {
    signal.throwIfAborted();
    const ended = needs.find((daemon) => !daemon.alive());
    if (ended !== undefined) throw endedError(what, ended);
    const found = await check().catch(messageOf);
    if (found === true) return;
    if (clock.now() > deadline) {
      const hint = needs.length === 0 ? {} : { hint: `Logs: ${needs.map(({ log }) => log).join(', ')}` };
      throw new FaultlineError('LAB', `${what}: not within ${limitMs / 1000} s: ${found}`, hint);
    }
    await clock.sleep(PAUSE_MS, signal);
  }
}

function endedError(what: string, daemon: Started): FaultlineError {
  return new FaultlineError('LAB', `${what}: ${daemon.name} has ended:\n${daemon.lastWords()}`, {
    hint: `Its log: ${daemon.log}`,
  });
}
