import type { Micros } from '../../model/units.ts';
import type { Case } from '../facts/case.ts';
import { count, seconds } from '../facts/format.ts';
import type { Stray } from '../facts/strays.ts';
import type { FaultFacts } from '../timeline/history.ts';
import type { Window } from '../timeline/windows.ts';
import { wrongRegion } from './hints.ts';

/** More hosts of a service were ejected than the faults hit, or before them: another place was dead, and nobody knows which. */
export function deadElsewhere(it: Case, service: string, faults: readonly FaultFacts[]): string | undefined {
  const hit = faults
    .flatMap(({ header, affected }) => header?.affected ?? affected)
    .filter((pod) => it.pods.serviceOf(pod) === service);
  const { mostActive, activeBefore } = it.ejectionsOf(service);
  if (activeBefore > 0)
    return `${count(activeBefore, 'host')} of ${service} ${activeBefore === 1 ? 'was' : 'were'} ejected before any fault: another place was dead`;
  if (hit.length === 0 || mostActive <= hit.length) return undefined;
  return `${mostActive} hosts of ${service} were ejected and the fault hit ${hit.length}: another place was dead`;
}

/** When a service had no ready endpoint left in a zone that no fault had hit, in a window; undefined where it had. */
function emptied(it: Case, service: string, zone: string, window: Window): string | undefined {
  const isHit = it.facts.faults.some(({ affected }) =>
    affected.some((pod) => pod.zone === zone && it.pods.serviceOf(pod) === service),
  );
  const readyAt = (time: Micros): number | undefined =>
    it.pods.behind(service, time)?.filter((endpoint) => endpoint.ready && endpoint.zone === zone).length;
  if (isHit || (readyAt(it.windows.baseline.end) ?? 0) === 0) return undefined;
  const gone = [window.start, ...it.pods.changes(window.start, window.end)].find((time) => readyAt(time) === 0);
  if (gone === undefined) return undefined;
  const when = seconds(Math.max(0, gone - it.windows.baseline.end));
  return `${service} had no ready endpoint in ${zone} ${when} s after the injection, although no fault had hit it there`;
}

/** Why calls of a service left a zone in a window, as far as it was recorded: it was taken away there, or a place was dead. */
export function awayReason(
  it: Case,
  { service, fromZone }: Pick<Stray, 'service' | 'fromZone'>,
  window: Window,
): string | undefined {
  return emptied(it, service, fromZone, window) ?? wrongRegion(it) ?? deadElsewhere(it, service, it.facts.faults);
}
