import type { Micros } from '../../model/units.ts';
import type { EjectionsEvent, FaultFacts } from '../timeline/history.ts';
import type { Counted } from './counted.ts';
import { enforced } from './ejection-counters.ts';
import type { Outage } from './outage-tracker.ts';
import type { ProxyRow } from './proxies.ts';

/** A reading is at most this old when it is written. */
const READ_LAG: Micros = 3_000_000;
/** A host that comes back sooner was not kept away: its errors are of one outage that flaps. Envoy's default is 30 s. */
const LEAST_EJECTION: Micros = 10_000_000;

/** A proxy has let a host back after its ejection, and has ejected one again by this time: in `zone`, of a service that faults hit. */
type Retrial = { readonly zone: string; readonly at: Micros };

/**
 * When callers tried a host again whose ejection had run out while faults were on. Envoy ejects for `baseEjectionTime` times
 * the number of ejections so far, lets the host back whatever its state, and ejects it again at its next errors (Envoy's
 * "Ejection algorithm"). Its counters show that by more new ejections than hosts that are ejected now and were not then.
 */
export function retrialsOf(run: Counted, faults: readonly FaultFacts[]): Retrial[] {
  if (run.facts.ejections.length === 0) return [];
  const services = new Set(faults.flatMap(({ affected }) => affected.flatMap((pod) => run.pods.serviceOf(pod) ?? [])));
  return [...services].flatMap((service) => run.proxies.rowsOf(run.pods.namesOf(service)).flatMap(retrialsIn));
}

function retrialsIn({ zone, events }: ProxyRow): Retrial[] {
  const found: Retrial[] = [];
  let made: EjectionsEvent | undefined;
  for (const [i, event] of events.entries()) {
    const last = events[i - 1];
    if (last === undefined || enforced(event) <= enforced(last)) continue;
    const wasLetBack = made !== undefined && enforced(event) - enforced(made) > event.active - made.active;
    if (made !== undefined && wasLetBack && event.t - made.t >= LEAST_EJECTION) found.push({ zone, at: event.t });
    made = event;
  }
  return found;
}

/** Whether the errors of an outage are those of such a trial, by the zones of who saw them. */
export function isRetrial({ from, callers }: Outage, pathZone: string, retrials: readonly Retrial[]): boolean {
  const zones = new Set([...callers.values()].map(({ caller }) => caller.zone));
  if (zones.size === 0) zones.add(pathZone);
  return retrials.some(({ zone, at }) => zones.has(zone) && from <= at && from > at - READ_LAG);
}
