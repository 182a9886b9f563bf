import type { Micros } from '../../model/units.ts';
import type { Case } from '../facts/case.ts';
import { count, seconds } from '../facts/format.ts';
import type { Stray } from '../facts/strays.ts';
import type { FaultFacts } from '../timeline/history.ts';
import type { Window } from '../timeline/windows.ts';
import { wrongRegion } from './hints.ts';

/** More hosts of a service were ejected than the faults hit, or before them: another place was dead, and nobody knows which. */
export function deadElsewhere(run: Case, service: string, faults: readonly FaultFacts[]): string | undefined {
  const hit = faults
    .flatMap(({ header, affected }) => header?.affected ?? affected)
    .filter((pod) => run.pods.serves(pod, service));
  const { mostActive, activeBefore } = run.ejectionsOf(service);
  if (activeBefore > 0)
    return `${count(activeBefore, 'host')} of ${service} ${activeBefore === 1 ? 'was' : 'were'} ejected before any fault: another place was dead`;
  if (hit.length === 0 || mostActive <= hit.length) return undefined;
  return `${mostActive} hosts of ${service} were ejected and the fault hit ${hit.length}: another place was dead`;
}

/** Since when a service had no ready endpoint in a zone that no fault had hit, where that lasted into a window; or undefined. */
function emptied(run: Case, service: string, zone: string, window: Window): string | undefined {
  const before = run.windows.baseline.end;
  const isHit = run.facts.faults.some(({ affected }) =>
    affected.some((pod) => pod.zone === zone && run.pods.serves(pod, service)),
  );
  const isThere = (time: Micros): boolean =>
    run.pods.behind(service, time)?.some((endpoint) => endpoint.ready && endpoint.zone === zone) ?? true;
  if (isHit || !isThere(before)) return undefined;
  let since: Micros | undefined;
  for (const time of [...run.pods.changes(before, window.end), window.end]) {
    if (since !== undefined && time > window.start) break;
    since = isThere(time) ? undefined : (since ?? time);
  }
  if (since === undefined) return undefined;
  return `${service} had no ready endpoint in ${zone} from ${seconds(since - before)} s after the injection on, although no fault had hit it there`;
}

/** Why calls of a service left a zone in a window, as far as it was recorded: it was taken away there, or a place was dead. */
export function awayReason(
  run: Case,
  { service, fromZone }: Pick<Stray, 'service' | 'fromZone'>,
  window: Window,
): string | undefined {
  return emptied(run, service, fromZone, window) ?? wrongRegion(run) ?? deadElsewhere(run, service, run.facts.faults);
}
