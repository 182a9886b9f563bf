import type { RequestSeries } from '../mesh/requests-reader.ts';
import type { HostCalls } from '../model/history.ts';
import type { WorkloadPlaces } from './workload-places.ts';

/** What was counted of the hosts of one Service since the last reading. */
export type ServiceCalls = {
  readonly service: string;
  readonly namespace: string;
  readonly port: number;
  readonly hosts: readonly HostCalls[];
};

type Added = RequestSeries & { readonly added: number };

/**
 * What was counted of each Service's workloads between two readings of one proxy's metrics; `before` has the last values by
 * key. Failures that no pod was chosen for are of no workload and left out. Throws an Error in words where it is not known
 * who has served, or where that is: no place is guessed.
 */
export function requestsBetween(
  before: ReadonlyMap<string, number>,
  series: readonly RequestSeries[],
  places: WorkloadPlaces,
): ServiceCalls[] {
  const all = series
    .map((one): Added => ({ ...one, added: since(before.get(one.key) ?? 0, one.total) }))
    .filter(({ added, workload, outcome }) => added > 0 && (workload !== undefined || outcome === 'served'));
  return [...Map.groupBy(all, ({ namespace, service }) => `${namespace}/${service}`).values()].map((own) => {
    const workloads = Map.groupBy(own, ({ workload }) => JSON.stringify(workload));
    const [{ service, namespace } = { service: '', namespace: '' }] = own;
    return { service, namespace, port: 0, hosts: [...workloads.values()].map((same) => callsOf(same, places)) };
  });
}

/** A counter that has fallen began anew, with the proxy. */
const since = (last: number, now: number): number => (now < last ? now : now - last);

function callsOf(same: readonly Added[], places: WorkloadPlaces): HostCalls {
  const [{ service, workload } = { service: '', workload: undefined }] = same;
  if (workload === undefined)
    throw new Error(`its metrics do not tell who served ${service}: destination_workload is unknown`);
  const sum = (...outcomes: readonly RequestSeries['outcome'][]): number =>
    same.filter(({ outcome }) => outcomes.includes(outcome)).reduce((total, { added }) => total + added, 0);
  return {
    ...{ workload: workload.name, ...places.of(workload) },
    ...{ requests: sum('served', 'failed', 'refused'), served: sum('served') },
    ...{ failed: sum('failed', 'refused'), refused: sum('refused') },
  };
}
