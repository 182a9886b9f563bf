import type { Clock } from '../model/ports.ts';
import type { Millis } from '../model/units.ts';

/** The kernel sends data again a round trip and this later, and then after twice as long each time (Linux: __tcp_set_rto, TCP_RTO_MIN, TCP_RTO_MAX). */
const FIRST_MS: Millis = 200;
const LONGEST_MS: Millis = 120_000;
/** Pauses before the kernel asks for a connection again (Linux 6.5 and later: tcp_syn_linear_timeouts 4, then twice as long). */
const SYN_LINEAR = 4;
const SYN_MS: Millis = 1_000;

/** Waits until data that was dropped is sent again and gets through; false when the one who waits goes away first. */
export async function carriedAtLast(
  isOpen: () => boolean,
  clock: Clock,
  signal: AbortSignal,
  roundTripMs: Millis = 0,
): Promise<boolean> {
  for (let pause = roundTripMs + FIRST_MS; ; pause = Math.min(2 * pause, LONGEST_MS)) {
    await clock.sleep(pause, signal);
    if (signal.aborted) return false;
    if (isOpen()) return true;
  }
}

/** Pauses before each time that the kernel asks for the same connection again, on and on. */
export function* synPauses(): Generator<Millis, never> {
  for (let count = 0; ; count += 1) yield count <= SYN_LINEAR ? SYN_MS : SYN_MS * 2 ** (count - SYN_LINEAR);
}
