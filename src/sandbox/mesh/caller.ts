import type { Clock } from '../../model/ports.ts';
import type { Call } from '../nodes/container.ts';
import type { HttpRequest } from '../programs/http.ts';

/** A call through the pod's own sidecar. */
type CallOut = (url: URL, request: HttpRequest, signal: AbortSignal) => Promise<unknown>;

/** A program that calls a URL, waits, and calls again until the signal, whatever the answer is. */
export async function callAgainAndAgain(
  { url: text, everyMs }: Call,
  callOut: CallOut,
  clock: Clock,
  signal: AbortSignal,
): Promise<void> {
  const url = new URL(text);
  const request: HttpRequest = { method: 'GET', path: `${url.pathname}${url.search}`, host: url.host, headers: {} };
  while (!signal.aborted) {
    await callOut(url, request, signal);
    await clock.sleep(everyMs, signal);
  }
}
