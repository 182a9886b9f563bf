import type { EjectionSummary } from '../../model/result.ts';
import type { Micros } from '../../model/units.ts';
import type { EjectionsEvent } from '../timeline/history.ts';
import type { Counted } from './counted.ts';
import { type EjectionCount, enforced, gained, mostActive, takesTurns } from './ejection-counters.ts';
import { ejectionCoverage } from './ejection-coverage.ts';
import type { ProxyRow } from './proxies.ts';

/** Rows of the change list; a flapping mesh must not make the result grow without end. */
const MAX_CHANGES = 1000;

/** What the calling proxies say about one service. */
export type ServiceEjections = {
  readonly service: string;
  /** From the first injection request to the end of the undo, over all callers. */
  readonly enforced: EjectionCount;
  /** Of those: by proxies in zones whose calls the affected pods had served. */
  readonly concerned: EjectionCount;
  /** Proxies with an ejection, and all that were read. */
  readonly callers: number;
  readonly read: number;
  readonly overflow: number;
  /** The most hosts that one proxy held ejected at once, and before the first fault. */
  readonly mostActive: number;
  /** The most ejections that one of the proxies concerned made, and which. */
  readonly most: { readonly pod: string; readonly ejections: number };
  readonly activeBefore: number;
  /** A proxy concerned held hosts ejected and let them go in mid-hold: when, and after how long. */
  readonly released?: { readonly at: Micros; readonly after: Micros; readonly pod: string };
  /** Proxies that had statistics for the service and lost them before the undo: when the first did, and how many of those read. */
  readonly lost?: { readonly at: Micros; readonly callers: number };
};

/** Hosts let go while the faults were on, although no endpoint changed then: the rule ran out, or was edited. */
function releasedOf(run: Counted, rows: readonly ProxyRow[]): ServiceEjections['released'] {
  const { faulted } = run.windows;
  if (faulted === undefined) return undefined;
  for (const { events, pod } of rows.filter((row) => !takesTurns(row))) {
    let held: EjectionsEvent | undefined;
    for (const event of events) {
      if (event.active > 0) held ??= event;
      if (event.active > 0 || held === undefined) continue;
      // A proxy that began again holds nothing, and has let nothing go.
      const hasRestarted = enforced(event) < enforced(held);
      const isQuiet = run.pods.isQuiet(event.t - 3e6, event.t + 1e6);
      if (held.t >= faulted.start && event.t < faulted.end && isQuiet && !hasRestarted)
        return { at: event.t, after: event.t - held.t, pod };
      held = undefined;
    }
  }
  return undefined;
}

/** Statistics go with the outlierDetection that they count for: somebody took it away before the undo was asked for. */
function lostOf(run: Counted, rows: readonly ProxyRow[]): ServiceEjections['lost'] {
  const until = run.facts.firstUndo ?? run.facts.end;
  const first = rows.flatMap(({ pod, events }) => {
    const gone = events.find((event) => event.gone === true && event.t < until);
    return gone === undefined ? [] : [{ pod, at: gone.t }];
  });
  if (first.length === 0) return undefined;
  return { at: Math.min(...first.map(({ at }) => at)), callers: new Set(first.map(({ pod }) => pod)).size };
}

/** Zones whose calls of a service the affected pods had served; undefined where no answer tells. */
function concernedZones(run: Counted, service: string): ReadonlySet<string> | undefined {
  const faults = run.facts.faults.filter((fault) => fault.affected.some((pod) => run.pods.serves(pod, service)));
  const zones = new Set(faults.flatMap((fault) => [...run.listeners.witnesses.of(fault).callerZones]));
  return zones.size === 0 ? undefined : zones;
}

/** Ejections of a service while the faults were on, as its callers' proxies counted them. */
export function ejectionsOf(run: Counted, service: string): ServiceEjections {
  const { facts } = run;
  const span = { from: facts.firstInject ?? Number.POSITIVE_INFINITY, to: facts.undone ?? facts.end };
  const rows = run.proxies.rowsOf(run.pods.namesOf(service));
  const isSeen = facts.ejectionsBySight.size > 0;
  const zones = concernedZones(run, service);
  const isNew = (event: EjectionsEvent): boolean => run.proxies.isNew(event);
  const counts = rows.map((row) => ({ row, count: gained(row, enforced, span, isNew) }));
  const sum = (is: (row: ProxyRow) => boolean): EjectionCount => ({
    lo: counts.reduce((total, { row, count }) => total + (is(row) ? count.lo : 0), 0),
    hi: counts.reduce((total, { row, count }) => total + (is(row) ? count.hi : 0), 0),
  });
  const isConcerned = (row: ProxyRow): boolean => zones === undefined || zones.has(row.zone);
  const concerned = rows.filter(isConcerned);
  const released = releasedOf(run, concerned);
  const lost = lostOf(run, rows);
  const most = counts
    .filter(({ row }) => isConcerned(row))
    .map(({ row, count }) => ({ pod: row.pod, ejections: count.lo }))
    .reduce((a, b) => (b.ejections > a.ejections ? b : a), { pod: '', ejections: 0 });
  return {
    service,
    enforced: sum(() => true),
    concerned: sum(isConcerned),
    callers: new Set(counts.filter(({ count }) => (isSeen ? count.lo : count.hi) > 0).map(({ row }) => row.pod)).size,
    read: new Set(rows.map((row) => row.pod)).size,
    overflow: rows.reduce((total, row) => total + gained(row, ({ overflow }) => overflow, span, isNew).lo, 0),
    mostActive: mostActive(concerned, span),
    most,
    activeBefore: mostActive(concerned, { from: 0, to: span.from }),
    ...(released !== undefined && { released }),
    ...(lost !== undefined && { lost }),
  };
}

/** As results show it. */
export function ejectionSummary(
  run: Counted & { readonly ejectionsOf: (service: string) => ServiceEjections },
): EjectionSummary {
  const { facts } = run;
  const coverage = ejectionCoverage(facts);
  return {
    readable: coverage.readable,
    detail: coverage.detail,
    services: run.proxies.services().map((service) => {
      const { enforced, concerned, callers, mostActive: maxActive, overflow } = run.ejectionsOf(service);
      const made = facts.ejectionsBySight.size > 0 ? enforced.lo : enforced.hi;
      return { service, enforced: made, concerned: concerned.lo, callers, maxActive, overflow };
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
