import { servicesOf } from '../../model/good.ts';
import type { Flow, FlowPart } from '../../model/result.ts';
import { zoneLabels } from '../../model/zone-label.ts';
import type { Case } from '../facts/case.ts';
import { gatewayName, networksOf } from '../facts/east-west.ts';
import type { Call, Route } from '../ingest/path.ts';
import type { FaultFacts } from '../timeline/history.ts';
import { meshServices } from '../timeline/mesh-services.ts';
import type { Window } from '../timeline/windows.ts';

/** More are told by the tables only. */
const MOST_SERVICES = 4;

type Label = (zone: string, cluster: string | undefined) => string;

/** What is told of a service, and by which names. */
type Named = {
  readonly service: string;
  readonly label: Label;
  readonly network: ReturnType<typeof networksOf>;
};

type DrawnPart = Pick<FlowPart, 'part' | 'start' | 'end'> & { readonly active: readonly FaultFacts[] };

/** Who served the callers of each service that was hit, in the order of the call chain. */
export function flowsOf(run: Case): Flow[] {
  const chain = [...new Set([...servicesOf(run.scenario.load), ...meshServices(run.facts)])];
  const spans = spansOf(run);
  const hit = new Set(run.stages.flatMap(({ active }) => active).flatMap((fault) => servicesHit(run, fault)));
  const services = chain.filter((service) => hit.has(service)).slice(0, MOST_SERVICES);
  const counted = run.listeners.series.routes.map((route) => ({ route, counts: run.listeners.series.ofRoute(route) }));
  const label = zoneLabels(run.facts.header.topology.clusters);
  const network = networksOf(run.facts);
  return services.map((service) => ({
    service,
    parts: spans.map((span) => partOf(run, { service, label, network }, span, counted)),
  }));
}

function servicesHit(run: Case, { affected }: FaultFacts): string[] {
  return affected.flatMap((pod) => run.pods.serviceOf(pod) ?? []);
}

/** The baseline, every stage from its effect on, and the end of the run. */
function spansOf(run: Case): DrawnPart[] {
  const { baseline, after } = run.windows;
  const stages = run.outcomes.map(({ stage, effect }): DrawnPart => {
    const { end, active } = stage;
    return { part: 'stage', start: Math.min(effect.hi, end), end: Math.min(end, run.facts.end), active };
  });
  return [
    { part: 'before', ...baseline, active: [] },
    ...stages,
    ...(after === undefined ? [] : [{ part: 'after' as const, ...after, active: [] }]),
  ];
}

function partOf(
  run: Case,
  named: Named,
  { part, start, end, active }: DrawnPart,
  counted: readonly { readonly route: Route; readonly counts: readonly number[] }[],
): FlowPart {
  const { service, label } = named;
  const sum = within(run, { start, end });
  const calls = new Map<string, FlowPart['calls'][number]>();
  for (const { route, counts } of counted) {
    const own = route.calls.filter((call) => call.service === service);
    const n = own.length === 0 ? 0 : sum(counts);
    for (const call of n > 0 ? own : []) {
      const [from, to] = [label(call.fromZone, call.fromCluster), label(call.zone, call.cluster)];
      const key = `${from}\u0000${to}`;
      const through = throughOf(named, call);
      calls.set(key, { from, to, n: n + (calls.get(key)?.n ?? 0), ...(through !== undefined && { through }) });
    }
  }
  const hit = active.flatMap(({ affected }) => affected.filter((pod) => run.pods.serviceOf(pod) === service));
  return {
    ...{ part, start, end },
    faults: active.map(({ name }) => name),
    hit: [...new Set(hit.map(({ zone, cluster }) => label(zone, cluster)))],
    calls: [...calls].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, call]) => call),
  };
}

/** The way into another network that a call has taken; undefined for one that stayed in its own, or where nobody names them. */
function throughOf({ network }: Named, { fromZone, fromCluster, zone, cluster, site }: Call): string | undefined {
  if (site.zones !== undefined) return zone;
  const [near, far] = [network(fromZone, fromCluster), network(zone, cluster)];
  return near !== undefined && far !== undefined && near !== far ? gatewayName(far) : undefined;
}

/** Adds up the buckets that lie in a window; one that lies in it by less than half belongs to its neighbour. */
function within(run: Case, { start, end }: Window): (counts: readonly number[]) => number {
  const bucket = run.listeners.series.builder.bucketOf(0).end;
  const [from, to] = [Math.round(start / bucket), Math.round(end / bucket)];
  return (counts) => counts.slice(from, to).reduce((sum, n) => sum + n, 0);
}
