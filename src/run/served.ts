import type { ServedCluster } from '../model/fault.ts';
import type { Cluster } from '../model/ports.ts';
import type { OpenCluster } from './wiring.ts';

/** The other clusters of a run whose proxies the istiod of a cluster serves. */
export function servedBy({ name }: Pick<Cluster, 'name'>, clusters: ReadonlyMap<string, OpenCluster>): ServedCluster[] {
  return [...clusters.values()].flatMap(({ cluster }) => (cluster.configuredBy === name ? [cluster] : []));
}
