import type { Clock, Cluster } from '../model/ports.ts';
import type { ObservedScope } from '../model/target.ts';
import type { Micros, Millis } from '../model/units.ts';
import { ejectedNow } from '../observe/ejected-now.ts';
import { throwIfStopped } from './stop.ts';

const LOOK_MS: Millis = 3_000;
/**
 * An ejection lasts `baseEjectionTime` times how often its host was ejected lately, and no longer than five minutes unless
 * that time itself is longer (Envoy: `max_ejection_time`); what is left after that is new each time.
 */
const LONGEST_MS: Millis = 360_000;

type Ports = {
  readonly clock: Clock;
  /** Until when, by the clock. */
  readonly until: Micros;
  readonly stop: AbortSignal;
  /** Hears for which hosts it waits. */
  readonly say: (text: string) => void;
};

/**
 * Waits until no caller keeps a host of these Services ejected, as one does for some minutes after an earlier drill: a
 * run that begins before finds no steady state. Resolves then, and when the time or six minutes are over, since what is
 * ejected at that time may be so for good. Rejects with RunStopped.
 */
export async function waitUntilHome(
  clusters: readonly Cluster[],
  about: { readonly scope: ObservedScope; readonly services: readonly string[] },
  { clock, until, stop, say }: Ports,
): Promise<void> {
  const last = Math.min(until, clock.now() + LONGEST_MS * 1000);
  for (let said = ''; ; ) {
    throwIfStopped(stop);
    const text = (await Promise.all(clusters.map((cluster) => ejectedIn(cluster, about, clock)))).flat().join('; ');
    if (text === '') return;
    if (clock.now() >= last) return say(`${text}; it has been waited for long enough`);
    if (text !== said) say(`${text}; waiting until they are back`);
    said = text;
    await clock.sleep(LOOK_MS, stop);
  }
}

async function ejectedIn(
  cluster: Cluster,
  { scope, services }: { readonly scope: ObservedScope; readonly services: readonly string[] },
  clock: Clock,
): Promise<string[]> {
  const found = await ejectedNow(cluster, scope, services, clock);
  return found.map(
    ({ service, hosts, callers }) =>
      `cluster ${cluster.name}: hosts of ${service} are ejected (${hosts}, by ${callers} ${callers === 1 ? 'caller' : 'callers'})`,
  );
}
