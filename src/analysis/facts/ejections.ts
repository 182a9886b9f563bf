import type { EjectionSummary } from '../../model/result.ts';
import type { Micros } from '../../model/units.ts';
import type { EjectionsEvent, Facts } from '../timeline/history.ts';
import type { Counted } from './counted.ts';
import { mostOf } from './extremes.ts';
import type { ProxyRow } from './proxies.ts';

/** Rows of the change list; a flapping mesh must not make the result grow without end. */
const MAX_CHANGES = 1000;

/** Ejections as far as the readings tell: at least `lo`, at most `hi`. */
type EjectionCount = { readonly lo: number; readonly hi: number };

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

type Span = { readonly from: Micros; readonly to: Micros };

type Counter = (event: EjectionsEvent) => number;
const enforced: Counter = ({ enforcedTotal }) => enforcedTotal;

/** Whether a reading says all that tells the counters of one proxy, and proxies of one name, apart. */
const isOneCounter = ({ port, namespace, podNamespace }: EjectionsEvent): boolean =>
  port !== undefined && namespace !== undefined && podNamespace !== undefined;

/** Readings without a port may be those of two ports of one Service that take turns: then its counters fall twice or more. */
function takesTurns({ events }: ProxyRow): boolean {
  const falls = events.filter((event, i) => enforced(event) < enforced(events[i - 1] ?? event)).length;
  return falls > 1 && events.some((event) => event.port === undefined);
}

/**
 * What a counter gained between two readings. A fall means that its proxy began again, from 0: what it shows then it has
 * counted since the reading before. That may be from before the span; and where a row may be of several counters, the
 * fall may be none.
 */
function between(of: Counter, last: EjectionsEvent, event: EjectionsEvent, from: Micros): EjectionCount {
  const now = of(event);
  const more = now - of(last);
  if (more >= 0) return { lo: more, hi: more };
  return { lo: isOneCounter(event) && last.t >= from ? now : 0, hi: now };
}

/** What one counter gained in a span; nothing is sure where two ports took turns. `isNew`: whether its proxy began at 0 then. */
function gained(
  row: ProxyRow,
  of: Counter,
  { from, to }: Span,
  isNew: (event: EjectionsEvent) => boolean,
): EjectionCount {
  const count = { lo: 0, hi: 0 };
  row.events.forEach((event, i) => {
    if (event.t < from || event.t > to) return;
    const last = row.events[i - 1];
    const first = isNew(event) ? of(event) : 0;
    const { lo, hi } = last === undefined ? { lo: first, hi: first } : between(of, last, event, from);
    count.lo += lo;
    count.hi += hi;
  });
  return takesTurns(row) ? { lo: 0, hi: count.hi } : count;
}

/** The most that one proxy held at once, over its ports. */
function mostActive(rows: readonly ProxyRow[], { from, to }: Span): number {
  const held = rows.flatMap(({ events }) => {
    const carried = events.findLast((event) => event.t < from)?.active ?? 0;
    return [carried, ...events.filter((event) => event.t >= from && event.t <= to).map(({ active }) => active)];
  });
  return mostOf(held, 0);
}

/** Hosts let go while the faults were on, although no endpoint changed then: the rule ran out, or was edited. */
function releasedOf(it: Counted, rows: readonly ProxyRow[]): ServiceEjections['released'] {
  const { faulted } = it.windows;
  if (faulted === undefined) return undefined;
  for (const { events, pod } of rows.filter((row) => !takesTurns(row))) {
    let held: EjectionsEvent | undefined;
    for (const event of events) {
      if (event.active > 0) held ??= event;
      if (event.active > 0 || held === undefined) continue;
      // A proxy that began again holds nothing, and has let nothing go.
      const hasRestarted = enforced(event) < enforced(held);
      const isQuiet = it.pods.isQuiet(event.t - 3e6, event.t + 1e6);
      if (held.t >= faulted.start && event.t < faulted.end && isQuiet && !hasRestarted)
        return { at: event.t, after: event.t - held.t, pod };
      held = undefined;
    }
  }
  return undefined;
}

/** Statistics go with the outlierDetection that they count for: somebody took it away before the undo was asked for. */
function lostOf(it: Counted, rows: readonly ProxyRow[]): ServiceEjections['lost'] {
  const until = it.facts.firstUndo ?? it.facts.end;
  const first = rows.flatMap(({ pod, events }) => {
    const gone = events.find((event) => event.gone === true && event.t < until);
    return gone === undefined ? [] : [{ pod, at: gone.t }];
  });
  if (first.length === 0) return undefined;
  return { at: Math.min(...first.map(({ at }) => at)), callers: new Set(first.map(({ pod }) => pod)).size };
}

/** Zones whose calls of a service the affected pods had served; undefined where no answer tells. */
function concernedZones(it: Counted, service: string): ReadonlySet<string> | undefined {
  const faults = it.facts.faults.filter((fault) => fault.affected.some((pod) => it.pods.serviceOf(pod) === service));
  const zones = new Set(faults.flatMap((fault) => [...it.listeners.witnesses.of(fault).callerZones]));
  return zones.size === 0 ? undefined : zones;
}

/** Ejections of a service while the faults were on, as its callers' proxies counted them. */
export function ejectionsOf(it: Counted, service: string): ServiceEjections {
  const { facts } = it;
  const span = { from: facts.firstInject ?? Number.POSITIVE_INFINITY, to: facts.undone ?? facts.end };
  const rows = it.proxies.rowsOf(service);
  const zones = concernedZones(it, service);
  const isNew = (event: EjectionsEvent): boolean => it.proxies.isNew(event);
  const counts = rows.map((row) => ({ row, count: gained(row, enforced, span, isNew) }));
  const sum = (is: (row: ProxyRow) => boolean): EjectionCount => ({
    lo: counts.reduce((total, { row, count }) => total + (is(row) ? count.lo : 0), 0),
    hi: counts.reduce((total, { row, count }) => total + (is(row) ? count.hi : 0), 0),
  });
  const isConcerned = (row: ProxyRow): boolean => zones === undefined || zones.has(row.zone);
  const concerned = rows.filter(isConcerned);
  const released = releasedOf(it, concerned);
  const lost = lostOf(it, rows);
  const most = counts
    .filter(({ row }) => isConcerned(row))
    .map(({ row, count }) => ({ pod: row.pod, ejections: count.lo }))
    .reduce((a, b) => (b.ejections > a.ejections ? b : a), { pod: '', ejections: 0 });
  return {
    service,
    enforced: sum(() => true),
    concerned: sum(isConcerned),
    callers: new Set(counts.filter(({ count }) => count.hi > 0).map(({ row }) => row.pod)).size,
    read: new Set(rows.map((row) => row.pod)).size,
    overflow: rows.reduce((total, row) => total + gained(row, ({ overflow }) => overflow, span, isNew).lo, 0),
    mostActive: mostActive(concerned, span),
    most,
    activeBefore: mostActive(concerned, { from: 0, to: span.from }),
    ...(released !== undefined && { released }),
    ...(lost !== undefined && { lost }),
  };
}

/** Whether the statistics were read while the faults were on, and of every proxy of every cluster. */
export type EjectionCoverage = { readonly readable: boolean; readonly complete: boolean; readonly detail: string };

type Reading = Facts['telemetry'][number];

/** Every calling proxy has answered. A reading that does not say how many there are (as in old histories) may be one of many. */
const isComplete = ({ readable, callers }: Reading): boolean =>
  readable && callers !== undefined && callers.answered >= callers.known;

/** What was said of one cluster's reading from the first injection request to the end of the undo. */
function readingsOf(facts: Facts, cluster: string): Reading[] {
  const from = facts.firstInject ?? 0;
  const to = facts.undone ?? facts.end;
  const events = facts.telemetry.filter((event) => event.cluster === cluster && event.t <= to);
  const carried = events.findLast((event) => event.t <= from);
  return [...(carried === undefined ? [] : [carried]), ...events.filter((event) => event.t > from)];
}

/** What is known of the reading, of every cluster of the run. */
export function ejectionCoverage(facts: Facts): EjectionCoverage {
  const clusters = facts.header.topology.clusters.map(({ name }) => name);
  const readings = new Map(clusters.map((cluster) => [cluster, readingsOf(facts, cluster)]));
  const states = [...readings.values()].flat();
  const silent = clusters.filter((cluster) => readings.get(cluster)?.length === 0);
  const blind = states.filter((event) => !event.readable);
  const partial = states.filter((event) => !isComplete(event));
  const told = blind.length > 0 ? blind : partial.length > 0 ? partial : states;
  const words = [
    ...told.map(({ cluster, detail, callers }) =>
      callers === undefined ? `${cluster}: ${detail} (of how many proxies is not recorded)` : `${cluster}: ${detail}`,
    ),
    ...silent.map((cluster) => `${cluster} was not read`),
  ];
  return {
    readable: states.length > 0 && blind.length === 0,
    complete: states.length > 0 && partial.length === 0 && silent.length === 0,
    detail: states.length === 0 ? 'the mesh was not asked for outlier statistics' : [...new Set(words)].join('; '),
  };
}

/** As results show it. */
export function ejectionSummary(
  it: Counted & { readonly ejectionsOf: (service: string) => ServiceEjections },
): EjectionSummary {
  const { facts } = it;
  const coverage = ejectionCoverage(facts);
  return {
    readable: coverage.readable,
    detail: coverage.detail,
    services: it.proxies.services().map((service) => {
      const { enforced, concerned, callers, mostActive: maxActive, overflow } = it.ejectionsOf(service);
      return { service, enforced: enforced.hi, concerned: concerned.lo, callers, maxActive, overflow };
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
