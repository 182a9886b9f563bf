import type { EjectionSummary } from '../model/result.ts';
import type { EjectionsEvent, EndpointsEvent, Facts } from './facts.ts';

/** Rows of the change list; a flapping mesh must not make the result grow without end. */
const MAX_CHANGES = 1000;

type Caller = { enforced: number; overflow: number };

const NONE = { enforcedTotal: 0, overflow: 0 };

const callerKey = (event: EjectionsEvent): string => `${event.cluster}/${event.pod}`;

/** What a counter gained; a counter that fell began again at 0 because its proxy restarted. */
function gained(before: number, after: number): number {
  return after < before ? after : after - before;
}

/** Tells the proxies whose pods came after the injection, as the endpoints show: their counters began at 0 then. */
function bornAfter(facts: Facts, from: number): (event: EjectionsEvent) => boolean {
  return ({ cluster, pod }) => {
    const looks = facts.endpoints.filter((event) => event.cluster === cluster);
    const before = looks.filter((event) => event.t < from);
    const isThere = (event: EndpointsEvent): boolean => event.endpoints.some((endpoint) => endpoint.pod === pod);
    const wasReady = before.some((event) => event.endpoints.some((known) => known.pod === pod && known.ready));
    return before.length > 0 && !wasReady && looks.some((event) => event.t >= from && isThere(event));
  };
}

/**
 * Increase of one service's counters per calling proxy from the first injection request to the end of the undo. The
 * first reading of a proxy that was there before says nothing about when its ejections were.
 */
function increases(
  events: readonly EjectionsEvent[],
  { from, to }: { readonly from: number; readonly to: number },
  isNew: (event: EjectionsEvent) => boolean,
): Map<string, Caller> {
  const last = new Map<string, EjectionsEvent>();
  const callers = new Map<string, Caller>();
  for (const event of events) {
    const key = callerKey(event);
    const before = last.get(key) ?? (isNew(event) ? NONE : event);
    last.set(key, event);
    if (event.t < from || event.t > to) continue;
    const caller = callers.get(key) ?? { enforced: 0, overflow: 0 };
    caller.enforced += gained(before.enforcedTotal, event.enforcedTotal);
    caller.overflow += gained(before.overflow, event.overflow);
    callers.set(key, caller);
  }
  return callers;
}

/** The most hosts ejected at once, over all callers. */
function maxActive(events: readonly EjectionsEvent[]): number {
  const active = new Map<string, number>();
  let most = 0;
  for (const event of events) {
    active.set(callerKey(event), event.active);
    most = Math.max(
      most,
      [...active.values()].reduce((sum, n) => sum + n, 0),
    );
  }
  return most;
}

/** Outlier ejections as the mesh counted them. */
export function ejectionSummary(facts: Facts): EjectionSummary {
  const from = facts.firstInject ?? Number.POSITIVE_INFINITY;
  const to = facts.undone ?? facts.end;
  const isNew = bornAfter(facts, from);
  const services = [...new Set(facts.ejections.map((event) => event.service))].sort();
  const blind = facts.telemetry.filter((event) => !event.readable);
  return {
    readable: facts.telemetry.length > 0 && blind.length === 0,
    detail:
      facts.telemetry.length === 0
        ? 'the mesh was not asked for outlier statistics'
        : (blind.length > 0 ? blind : facts.telemetry).map((event) => `${event.cluster}: ${event.detail}`).join('; '),
    services: services.map((service) => {
      const events = facts.ejections.filter((event) => event.service === service);
      const callers = [...increases(events, { from, to }, isNew).values()];
      return {
        service,
        enforced: callers.reduce((sum, caller) => sum + caller.enforced, 0),
        callers: callers.filter((caller) => caller.enforced > 0).length,
        maxActive: maxActive(events),
        overflow: callers.reduce((sum, caller) => sum + caller.overflow, 0),
      };
    }),
    changes: facts.ejections.slice(0, MAX_CHANGES).map((event) => ({
      at: event.t,
      cluster: event.cluster,
      pod: event.pod,
      zone: event.zone,
      service: event.service,
      active: event.active,
      enforcedTotal: event.enforcedTotal,
    })),
  };
}
