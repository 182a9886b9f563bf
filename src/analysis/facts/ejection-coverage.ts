import type { Facts } from '../timeline/history.ts';
import { isWhole, toldIn } from '../timeline/seen-ejections.ts';

/** Whether the statistics were read while the faults were on, and of every proxy of every cluster. */
export type EjectionCoverage = { readonly readable: boolean; readonly complete: boolean; readonly detail: string };

type Reading = Facts['telemetry'][number] | Facts['callsTelemetry'][number];

/** What was said of one cluster's reading from the first injection request to the end of the undo. */
function readingsOf(facts: Facts, cluster: string): Reading[] {
  const { telemetry, callsTelemetry, ejectionsBySight } = facts;
  const span = { from: facts.firstInject ?? 0, to: facts.undone ?? facts.end };
  return toldIn<Reading>(ejectionsBySight.has(cluster) ? callsTelemetry : telemetry, cluster, span);
}

/** What is known of the reading, of every cluster of the run. */
export function ejectionCoverage(facts: Facts): EjectionCoverage {
  const clusters = facts.header.topology.clusters.map(({ name }) => name);
  const readings = new Map(clusters.map((cluster) => [cluster, readingsOf(facts, cluster)]));
  const states = [...readings.values()].flat();
  const silent = clusters.filter((cluster) => readings.get(cluster)?.length === 0);
  const blind = states.filter((event) => !event.readable);
  const partial = states.filter((event) => !isWhole(event));
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
