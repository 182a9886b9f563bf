import type { ServedCluster } from '../model/fault.ts';
import type { Cluster } from '../model/ports.ts';
import type { OpenCluster } from './wiring.ts';

/** The other clusters of a run whose proxies the istiod of a cluster serves. */
export function servedBy({ name }: Pick<Cluster, 'name'>, clusters: ReadonlyMap<string, OpenCluster>): ServedCluster[] {
  return [...clusters.values()].flatMap(({ cluster }) => (cluster.configuredBy === name ? [cluster] : []));
}

/** A cluster that is asked only when it is the one that is meant, which `identify` rejects without; it is opened no sooner. */
export function onceIdentified(name: string, identify: () => Promise<Cluster>): ServedCluster {
  let found: Cluster | undefined;
  const known = async () => {
    found ??= await identify();
    return found;
  };
  return {
    name,
    list: async (...asked) => (await known()).list(...asked),
    proxyAdmin: (...asked) => ({ get: async (path) => (await known()).proxyAdmin(...asked).get(path) }),
  };
}
