import type { RunResult, Series } from '../model/result.ts';
import { formatNumber } from './format.ts';

/** More zones than this cannot be told apart in a chart, by colour or by height. */
const MOST_ZONES = 20;

/** Zones by what a reader looks for: those of the failover orders first, then those that served most. */
function zonesByWeight({ ladders, series }: RunResult): readonly string[] {
  const hits = new Map<string, number>();
  for (const { zone, counts } of series.serving) {
    hits.set(
      zone,
      counts.reduce((sum, count) => sum + count, hits.get(zone) ?? 0),
    );
  }
  const named = ladders.flatMap(({ fromZone, rungs }) => [
    fromZone,
    ...rungs.flatMap(({ place }) => ('zone' in place ? [place.zone] : [])),
  ]);
  const others = [...hits].toSorted(([, a], [, b]) => b - a).map(([zone]) => zone);
  return [...new Set([...named, ...others])].filter((zone) => hits.has(zone));
}

type Serving = Series['serving'][number];

/** The serving counts with at most 20 zones of their own; what the others served is added up, service by service. */
export function withFewZones(result: RunResult): Series['serving'] {
  const { serving } = result.series;
  const zones = zonesByWeight(result);
  if (zones.length <= MOST_ZONES) return serving;
  const kept = new Set(zones.slice(0, MOST_ZONES));
  const name = `${formatNumber(zones.length - MOST_ZONES, 0)} other zones`;
  const rest = new Map<string, Serving>();
  for (const { service, zone, counts } of serving) {
    if (kept.has(zone)) continue;
    const sum = rest.get(service)?.counts ?? [];
    rest.set(service, { service, zone: name, region: '', counts: counts.map((count, at) => count + (sum[at] ?? 0)) });
  }
  return [...serving.filter(({ zone }) => kept.has(zone)), ...rest.values()];
}
