import type { Cluster } from '../model/ports.ts';

/** The same cluster with some methods replaced. */
export function alteredCluster(cluster: Cluster, change: Partial<Cluster>): Cluster {
  return {
    name: cluster.name,
    region: cluster.region,
    ...(cluster.kubectl === undefined ? {} : { kubectl: cluster.kubectl }),
    ...(cluster.configuredBy === undefined ? {} : { configuredBy: cluster.configuredBy }),
    get: (...args) => cluster.get(...args),
    list: (...args) => cluster.list(...args),
    create: (...args) => cluster.create(...args),
    patch: (...args) => cluster.patch(...args),
    delete: (...args) => cluster.delete(...args),
    observe: (...args) => cluster.observe(...args),
    can: (...args) => cluster.can(...args),
    podProxy: (...args) => cluster.podProxy(...args),
    proxyAdmin: (...args) => cluster.proxyAdmin(...args),
    exec: (...args) => cluster.exec(...args),
    identity: () => cluster.identity(),
    ...(cluster.mayWrite === undefined ? {} : { mayWrite: () => cluster.mayWrite?.() ?? Promise.resolve() }),
    ...change,
  };
}
