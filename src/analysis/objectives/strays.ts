import type { Micros } from '../../model/units.ts';
import type { Case } from '../facts/case.ts';
import { count, list, seconds } from '../facts/format.ts';
import type { Route } from '../ingest/path.ts';
import type { FaultFacts } from '../timeline/history.ts';
import type { Segment, Window } from '../timeline/windows.ts';
import { wrongRegion } from './hints.ts';

/** Calls of one service by callers of one zone, some of which were not served there. */
export type Stray = { readonly service: string; readonly fromZone: string; readonly text: string };

type Group = { readonly service: string; readonly fromZone: string; all: number; readonly away: Map<string, number> };

const sumOf = (counts: ReadonlyMap<string, number>): number => [...counts.values()].reduce((sum, n) => sum + n, 0);

/** The service and zone of callers that strayed most on some routes, and where to. Undefined where none did. */
export function worstStray(it: Case, routes: readonly Route[], segments: readonly Segment[]): Stray | undefined {
  const groups = new Map<string, Group>();
  for (const route of routes) {
    const n = it.listeners.places.count(route, segments);
    if (n === 0) continue;
    for (const { service, fromZone, zone } of route.calls) {
      const key = `${service}\u0000${fromZone}`;
      const group = groups.get(key) ?? { service, fromZone, all: 0, away: new Map() };
      groups.set(key, group);
      group.all += n;
      if (zone !== fromZone) group.away.set(zone, (group.away.get(zone) ?? 0) + n);
    }
  }
  const [worst] = [...groups.values()].sort((a, b) => sumOf(b.away) - sumOf(a.away));
  if (worst === undefined || worst.away.size === 0) return undefined;
  const { service, fromZone, all, away } = worst;
  const zones = [...away].sort(([, a], [, b]) => b - a).map(([zone]) => zone);
  const text = `${sumOf(away)} of ${count(all, 'call')} of ${service} from ${fromZone} went to ${list(zones)}`;
  return { service, fromZone, text };
}

/** More hosts of a service were ejected than the faults hit, or before them: another place was dead, and nobody knows which. */
export function deadElsewhere(it: Case, service: string, faults: readonly FaultFacts[]): string | undefined {
  const hit = faults.flatMap((fault) => fault.affected).filter((pod) => it.pods.serviceOf(pod) === service);
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
