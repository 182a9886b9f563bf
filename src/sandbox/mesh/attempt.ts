import type { AttemptLimits, Sent } from '../../mesh/call.ts';
import type { Clock } from '../../model/ports.ts';
import type { Millis } from '../../model/units.ts';
import type { HttpAnswer } from '../programs/http.ts';

type Result = Sent<HttpAnswer>;

/** Sends the request until the signal, and says when it has a connection. */
export type SendUntil = (signal: AbortSignal, onConnected: () => void) => Promise<Result>;

/** Races an attempt against its own limits and the caller's patience. What has lost the race goes on for nobody. */
export async function raceAttempt(
  send: SendUntil,
  { perTryTimeoutMs, timeoutMs }: AttemptLimits,
  clock: Clock,
  signal: AbortSignal,
): Promise<Result> {
  const over = new AbortController();
  const ended = Promise.withResolvers<Result>();
  let connected = false;
  const end = (result: Result): void => {
    ended.resolve(result);
    over.abort();
  };
  const endAfter = (ms: Millis | undefined): void => {
    if (ms === undefined) return;
    void clock.sleep(ms, over.signal).then(() => {
      if (over.signal.aborted) return;
      end(connected ? { outcome: { kind: 'timeout' } } : { outcome: { kind: 'timeout' }, hostless: true });
    });
  };
  const hangUp = (): void => end({ outcome: { kind: 'abandoned' } });
  signal.addEventListener('abort', hangUp, { once: true });
  endAfter(timeoutMs);
  const onConnected = (): void => {
    connected = true;
    endAfter(perTryTimeoutMs);
  };
  try {
    return await Promise.race([ended.promise, send(over.signal, onConnected)]);
  } finally {
    signal.removeEventListener('abort', hangUp);
    over.abort();
  }
}
