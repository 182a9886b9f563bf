import { PHASES } from '../model/history.ts';
import type { FaultTimeline, LatencyRow, Series } from '../model/result.ts';
import type { Case } from './case.ts';
import type { FaultFacts } from './facts.ts';
import type { Histogram } from './histogram.ts';

/** Samples without which a percentile would be one of the extremes. */
const LEAST = { p50: 2, p90: 10, p95: 20, p99: 100 };

/** Latency of good requests by phase, service and the zone that served it. */
export function latencyRows(it: Case): LatencyRow[] {
  const rows = PHASES.flatMap((phase, index) =>
    it.observer.places.flatMap(({ service, zone }, place) => {
      const histogram = it.observer.latency[index]?.[place];
      return histogram === undefined ? [] : [latencyRow({ phase, service, zone }, histogram)];
    }),
  );
  const order = (row: LatencyRow): string =>
    `${PHASES.indexOf(row.phase)} ${chainIndex(it, row.service)} ${row.service} ${row.zone}`;
  return rows.sort((a, b) => (order(a) < order(b) ? -1 : 1));
}

function chainIndex(it: Case, service: string): string {
  const index = it.scenario.load.good.chain.indexOf(service);
  return String(index < 0 ? 999 : index).padStart(3, '0');
}

function latencyRow(key: Pick<LatencyRow, 'phase' | 'service' | 'zone'>, histogram: Histogram): LatencyRow {
  return {
    ...key,
    n: histogram.n,
    p50: histogram.percentile(0.5, LEAST.p50),
    p90: histogram.percentile(0.9, LEAST.p90),
    p95: histogram.percentile(0.95, LEAST.p95),
    p99: histogram.percentile(0.99, LEAST.p99),
    max: histogram.max / 1000,
  };
}

/** Counts over time; places in order of the call chain, paths in order of the topology. */
export function seriesOf(it: Case): Series {
  const { series, places } = it.observer;
  const key = ({ service, zone }: { service: string; zone: string }): string =>
    `${chainIndex(it, service)} ${service} ${zone}`;
  const sorted = [...places].sort((a, b) => (key(a) < key(b) ? -1 : 1));
  return {
    ...series.build(),
    serving: sorted.map(({ service, zone, row }) => ({
      service,
      zone,
      region: it.regions.get(zone) ?? '',
      counts: series.counts(row),
    })),
    paths: it.paths.map(({ id, rows }) => ({ path: id, good: series.counts(rows.good), bad: series.counts(rows.bad) })),
  };
}

function effectiveOf(it: Case, fault: FaultFacts): number | undefined {
  const outcome = it.outcomes.find(({ stage }) => stage.faults.includes(fault));
  if (outcome === undefined || fault.acknowledged === undefined) return fault.effective;
  const isShown = fault.effective !== undefined || outcome.paths.some((path) => path.span !== undefined);
  if (!isShown) return undefined;
  return Math.max(fault.acknowledged, Math.min(fault.effective ?? Number.POSITIVE_INFINITY, outcome.zero));
}

/** The life of every fault. */
export function faultTimelines(it: Case): FaultTimeline[] {
  return it.facts.faults.map((fault) => {
    const effective = effectiveOf(it, fault);
    const spec = it.scenario.faults.find(({ name }) => name === fault.name);
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
