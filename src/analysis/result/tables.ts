import { servicesOf } from '../../model/good.ts';
import { PHASES } from '../../model/history.ts';
import type { FaultTimeline, LatencyRow, Recovery, Series } from '../../model/result.ts';
import type { Case } from '../facts/case.ts';
import { Histogram } from '../facts/histogram.ts';
import type { PathOutcome } from '../facts/recoveries.ts';
import type { FaultFacts } from '../timeline/history.ts';
import type { Stage } from '../timeline/stages.ts';

/** Samples of which ten lie beyond the percentile: with fewer it would be one of the extremes. */
const LEAST = { p50: 20, p90: 100, p95: 200, p99: 1000 };

/** Latency of all served requests by phase, service and the zone that served it. */
export function latencyRows(run: Case): LatencyRow[] {
  const rows = PHASES.flatMap((phase, index) => {
    const places = placesIn(run, index);
    const { n, censored } = censoredIn(run, index);
    return [...places.values()].map(({ service, zone, histogram }) =>
      latencyRow({ phase, service, zone }, histogram, n === 0 ? 0 : censored / n),
    );
  });
  const placeOf = chainOrder(run);
  const order = (row: LatencyRow): string =>
    `${PHASES.indexOf(row.phase)} ${placeOf(row.service)} ${row.service} ${row.zone}`;
  return rows
    .map((row) => ({ row, key: order(row) }))
    .sort((a, b) => (a.key < b.key ? -1 : 1))
    .map(({ row }) => row);
}

type PlaceLatency = { readonly service: string; readonly zone: string; readonly histogram: Histogram };

function placesIn(run: Case, phase: number): ReadonlyMap<string, PlaceLatency> {
  const places = new Map<string, PlaceLatency>();
  for (const [kind, histogram] of (run.listeners.latency.served[phase] ?? []).entries()) {
    const hops = run.collector.chains.kinds[kind]?.chain.hops ?? [];
    if (histogram === undefined) continue;
    const used = histogram.used();
    for (const { service, zone } of hops) {
      if (service === '' || zone === '') continue;
      const key = `${service}\u0000${zone}`;
      const place = places.get(key) ?? { service, zone, histogram: new Histogram() };
      place.histogram.merge(histogram, used);
      places.set(key, place);
    }
  }
  return places;
}

/** Requests of a phase, and those that were never completely answered. */
function censoredIn(run: Case, phase: number): { n: number; censored: number } {
  const served = (run.listeners.latency.served[phase] ?? []).reduce((sum, histogram) => sum + (histogram?.n ?? 0), 0);
  const censored = run.listeners.latency.unserved[phase] ?? 0;
  return { n: served + censored, censored };
}

/** The place of each service in the call chain, as text that sorts. */
function chainOrder(run: Case): (service: string) => string {
  const places = new Map(servicesOf(run.scenario.load).map((service, index) => [service, index]));
  return (service) => String(places.get(service) ?? 999).padStart(3, '0');
}

/** A percentile that the unanswered requests could hold is not known. */
function latencyRow(
  key: Pick<LatencyRow, 'phase' | 'service' | 'zone'>,
  histogram: Histogram,
  censored: number,
): LatencyRow {
  const at = (q: number, least: number): number | null => (censored > 1 - q ? null : histogram.percentile(q, least));
  return {
    ...key,
    n: histogram.n,
    p50: at(0.5, LEAST.p50),
    p90: at(0.9, LEAST.p90),
    p95: at(0.95, LEAST.p95),
    p99: at(0.99, LEAST.p99),
    max: histogram.max / 1000,
    censored,
  };
}

function sumInto(total: number[], counts: readonly number[]): void {
  for (let i = 0; i < counts.length; i++) total[i] = (total[i] ?? 0) + (counts[i] as number);
}

/** Counts that a result holds: with very many paths and places, time is told less finely. */
const MAX_COUNTS = 1_000_000;
const LEAST_COLUMNS = 100;

function coarsen(run: Case): void {
  const { routes, builder } = run.listeners.series;
  const places = new Set(routes.flatMap(({ calls }) => calls.map(({ service, zone }) => `${service} ${zone}`)));
  builder.coarsen(Math.max(LEAST_COLUMNS, MAX_COUNTS / (places.size + 2 * run.paths.length)));
}

/** Counts over time; places in order of the call chain, paths in order of the topology. */
export function seriesOf(run: Case): Series {
  coarsen(run);
  const { series } = run.listeners;
  const { columns } = series.builder;
  const placeOf = chainOrder(run);
  const zeros = (): number[] => new Array<number>(columns).fill(0);
  const places = new Map<string, { service: string; zone: string; counts: number[] }>();
  const paths = new Map(run.paths.map((path) => [path, zeros()]));
  for (const route of series.routes) {
    const counts = series.ofRoute(route);
    sumInto(paths.get(route.path) ?? [], counts);
    for (const { service, zone } of route.calls) {
      const key = `${placeOf(service)} ${service} ${zone}`;
      const place = places.get(key) ?? { service, zone, counts: zeros() };
      sumInto(place.counts, counts);
      places.set(key, place);
    }
  }
  const serving = [...places].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, place]) => place);
  return {
    ...series.builder.build(),
    serving: serving.map((place) => ({ ...place, region: run.regions.get(place.zone) ?? '' })),
    paths: run.paths.map((path) => ({ path: path.id, good: paths.get(path) ?? [], bad: series.badOf(path) })),
  };
}

function effectiveOf(run: Case, fault: FaultFacts): number | undefined {
  const outcome = run.outcomes.find(({ stage }) => stage.faults.includes(fault));
  if (outcome === undefined || fault.acknowledged === undefined) return fault.effective;
  const isShown = fault.effective !== undefined || outcome.paths.some((path) => path.worst !== undefined);
  if (!isShown) return undefined;
  return Math.min(fault.effective ?? Number.POSITIVE_INFINITY, outcome.effect.hi);
}

/** The life of every fault. */
export function faultTimelines(run: Case): FaultTimeline[] {
  return run.facts.faults.map((fault) => {
    const effective = effectiveOf(run, fault);
    const spec = run.scenario.faults.find(({ name }) => name === fault.name);
    return {
      name: fault.name,
      kind: fault.header?.kind ?? spec?.kind ?? 'unknown',
      cluster: fault.header?.cluster ?? '',
      summary: fault.header?.summary ?? 'never planned',
      steps: fault.events.map(({ step, t, detail }) => ({ step, at: t, ...(detail !== undefined && { detail }) })),
      ...(effective !== undefined && { effective }),
      ...(fault.undo !== undefined && { ended: fault.undo.t }),
    };
  });
}

/** As results show it. */
export function recoveryRow(outcome: PathOutcome, stage: Stage, finding: string | undefined): Recovery {
  const { path, tracker, state, effect, worst, charged, lasted } = outcome;
  const doubtful = charged.filter(({ weight }) => weight !== 'certain');
  const clock = worst === undefined ? effect.hi : Math.min(effect.hi, worst.from);
  return {
    path: path.id,
    stage: stage.index + 1,
    faults: stage.active.map((fault) => fault.name),
    acknowledged: stage.acknowledged,
    effective: clock,
    state,
    ...(tracker.outages[0] !== undefined && { firstBad: tracker.outages[0].from }),
    ...(worst !== undefined && { recovered: { lo: worst.lo, hi: worst.hi } }),
    flaps: Math.max(0, charged.length - doubtful.length - 1),
    bad: tracker.bad,
    doubtful: doubtful.reduce((sum, { outage }) => sum + outage.bad, 0),
    total: tracker.total,
    badTime: tracker.badTime,
    ...(lasted !== undefined && { lasted }),
    ...(finding !== undefined && { finding }),
  };
}
