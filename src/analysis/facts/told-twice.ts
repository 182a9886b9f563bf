import { GATEWAY } from '../../model/callees.ts';
import type { HostCalls } from '../../model/history.ts';
import type { Endpoint } from '../../model/target.ts';
import type { Route } from '../ingest/path.ts';
import type { CallsEvent } from '../timeline/history.ts';
import type { Segment } from '../timeline/windows.ts';
import type { Counted } from './counted.ts';
import { proxyGaps } from './proxy-gaps.ts';
import type { Site } from './sites.ts';

/** Answers that name a place for calls which the callers' proxies have counted, and counted elsewhere. */
export type Disagreement = {
  readonly service: string;
  /** Zone of the callers; undefined where those of all zones are taken together. */
  readonly from: string | undefined;
  readonly part: Segment['part'];
  readonly place: string;
  /** Calls that answers tell of there, and in all; and what proxies counted there, and in all, at most. */
  readonly told: number;
  readonly toldInAll: number;
  readonly counted: number;
  readonly countedInAll: number;
  /** Where proxies counted more than answers tell of. */
  readonly instead: readonly string[];
  /** How many of the answers surely are wrong. */
  readonly wrong: number;
};

/** Callers as answers tell of them; the gateway's service is empty. */
type Callers = { readonly service: string; readonly zone: string };

/** Answers of one place in one part of the run. */
type Told = { readonly callers: Callers; readonly route: Route; readonly site: Site };

/** Calls to one place between two readings. */
type Row = {
  readonly event: CallsEvent;
  readonly n: number;
  readonly site: Site;
  /** In which it may have been served; undefined where nobody knows. */
  readonly zones: ReadonlySet<string> | undefined;
  /** Whether it is known beyond its zone who served. */
  readonly isPod: boolean;
};

type Part = { readonly segments: readonly Segment[]; readonly start: number; readonly end: number };

/** Fewer, and a smaller share of the answers, may come of a proxy's last reading, or of a pod that took its counts with it. */
const LEAST = 20;
const LEAST_SHARE = 0.03;
/** Where it is not known whose proxy made which call, others than this run may have made so many more. */
const MORE = 1.25;

/**
 * Holds the answers that name a place against what the proxies of the same callers counted. Proxies may count more calls than
 * answers tell of, because others call as well, and fewer, because not every caller is read or a cache has answered: neither is
 * held against an answer. But where they have counted as many calls as answers tell of, and not so many in a place, those answers
 * are wrong of the place, or come from who is called by another name.
 */
export function disagreementsOf(run: Counted): Disagreement[] {
  if (run.facts.calls.length === 0) return [];
  const all = toldBy(run);
  const parts = partsOf(run);
  const isBy = callerFinder(run);
  return [...new Set(all.map(({ service }) => service))].flatMap((service) => {
    const told = all.filter((one) => one.service === service);
    const rows = rowsOf(run, service);
    if (rows.length === 0) return [];
    const groups = Map.groupBy(told, ({ callers }) => `${callers.service} ${callers.zone}`);
    const pooled: Told[] = [];
    const found = [...groups.values()].flatMap((group) => {
      const callers = (group[0] as Told).callers;
      const own = callers.service === '' ? [] : rows.filter(({ event }) => isBy(event, callers));
      if (own.length === 0) pooled.push(...group);
      return own.length === 0 ? [] : compared(run, { service, from: callers.zone }, { told: group, rows: own }, parts);
    });
    const isWhole = pooled.length === told.length && proxyGaps(run.facts) === undefined;
    return isWhole ? compared(run, { service, from: undefined }, { told, rows }, parts) : found;
  });
}

function partsOf({ segments }: Counted): Part[] {
  const counted = segments.filter(({ part }) => part !== 'ahead');
  return [...Map.groupBy(counted, ({ part, stage }) => `${part} ${part === 'stage' ? stage : ''}`).values()].map(
    (own) => ({ segments: own, start: own[0]?.start ?? 0, end: own.at(-1)?.end ?? 0 }),
  );
}

/** Places that are of the run's zones, as far as answers tell them; others have names that no proxy knows. */
function toldBy({ listeners: { places }, regions }: Counted): (Told & { readonly service: string })[] {
  return places.routes.flatMap((route) => {
    const { path, kind } = route;
    if (path.ofProxy) return [];
    return kind.chain.hops.flatMap(({ service, zone }, i) => {
      const [caller, site] = [kind.callers[i], kind.sites[i]];
      const by = caller === undefined || caller === GATEWAY ? undefined : kind.chain.hops[caller];
      if (service === '' || site === undefined || !regions.has(zone)) return [];
      const callers = by === undefined ? { service: '', zone: path.zone } : { service: by.service, zone: by.zone };
      return [{ service, callers, route, site }];
    });
  });
}

function rowsOf(run: Counted, service: string): Row[] {
  const names = new Set([service, ...run.pods.namesOf(service)]);
  return run.facts.calls
    .filter((event) => names.has(event.service))
    .flatMap((event) => event.hosts.flatMap((host) => (host.served > 0 ? [rowOf(run, service, event, host)] : [])));
}

function rowOf({ listeners: { sites }, pods }: Counted, service: string, event: CallsEvent, host: HostCalls): Row {
  const { zone, served: n } = host;
  if (!('address' in host)) {
    const zones = zone === '' ? undefined : new Set([zone]);
    return { event, n, site: sites.of({ service, zone, ip: '' }), zones, isPod: false };
  }
  const behind = sites.eastWest.behind(event, host);
  const ip = host.address.replace(/:\d+$/, '').replace(/^\[|\]$/g, '');
  const site = sites.of({ service, zone: behind?.name ?? zone, ip: behind === undefined ? ip : '' });
  if (behind !== undefined) return { event, n, site, zones: new Set(behind.zones), isPod: false };
  const seen = pods.zonesOf(ip);
  const zones = zone === '' ? seen : new Set([zone, ...(seen ?? [])]);
  return { event, n, site, zones: zones?.has('') === true ? undefined : zones, isPod: zone !== '' };
}

/** Tells whether a proxy is that of a pod that answers call the caller. */
function callerFinder({ facts, pods }: Counted): (event: CallsEvent, callers: Callers) => boolean {
  const seen = new Map<string, Map<string, Endpoint>>();
  for (const endpoint of facts.endpoints.flatMap(({ endpoints }) => endpoints)) {
    const key = `${endpoint.cluster}/${endpoint.namespace}/${endpoint.pod}`;
    const own = seen.get(key) ?? new Map<string, Endpoint>();
    seen.set(key, own.set(endpoint.service, endpoint));
  }
  return ({ cluster, podNamespace, pod, zone }, callers) => {
    const own = zone === callers.zone ? seen.get(`${cluster}/${podNamespace}/${pod}`) : undefined;
    return [...(own?.values() ?? [])].some((endpoint) => pods.isOf(endpoint, callers.service));
  };
}

const sum = (rows: readonly Row[]): number => rows.reduce((total, { n }) => total + n, 0);

/** Whether what a proxy counted may have been served where answers say. */
function mayBe({ zones, site: counted, isPod }: Row, site: Site): boolean {
  if (zones === undefined || !zones.has(site.zone)) return zones === undefined;
  const isKnown = isPod && counted.zone === site.zone && counted.doubt === undefined && site.doubt === undefined;
  return !isKnown || counted.name === site.name;
}

type Sources = { readonly told: readonly Told[]; readonly rows: readonly Row[] };

function compared(
  run: Counted,
  callers: Pick<Disagreement, 'service' | 'from'>,
  { told, rows }: Sources,
  parts: readonly Part[],
): Disagreement[] {
  return parts.flatMap(({ segments, start, end }) => {
    const [bySite, byZone] = [new Map<Site, number>(), new Map<string, number>()];
    for (const { route, site, callers: by } of told) {
      const n = run.listeners.places.count(route, segments);
      if (n === 0) continue;
      bySite.set(site, (bySite.get(site) ?? 0) + n);
      byZone.set(by.zone, (byZone.get(by.zone) ?? 0) + n);
    }
    const toldInAll = [...bySite.values()].reduce((total, n) => total + n, 0);
    const here = rows.filter(({ event }) => event.from < end && event.to > start);
    const surely = here.filter(({ event }) => event.from >= start && event.to <= end);
    const countedInAll = sum(here);
    if (callers.from === undefined && sum(surely) > MORE * toldInAll) return [];
    // What others call in one zone makes up for nothing that is not counted in another.
    const uncounted = [...byZone].reduce(
      (total, [zone, n]) => total + Math.max(0, n - sum(surely.filter(({ event }) => event.zone === zone))),
      0,
    );
    const instead = [...Map.groupBy(here, ({ site }) => site.name)].flatMap(([name, own]) =>
      sum(own) > toldAt(bySite, name) + LEAST ? [name] : [],
    );
    return [...bySite].flatMap(([site, n]): Disagreement[] => {
      const counted = sum(here.filter((row) => mayBe(row, site)));
      const wrong = n - counted - uncounted;
      if (wrong < LEAST || wrong < LEAST_SHARE * toldInAll) return [];
      const part = segments[0]?.part ?? 'baseline';
      return [{ ...callers, part, place: site.name, told: n, toldInAll, counted, countedInAll, instead, wrong }];
    });
  });
}

function toldAt(bySite: ReadonlyMap<Site, number>, name: string): number {
  return [...bySite].reduce((total, [site, n]) => (site.name === name ? total + n : total), 0);
}
