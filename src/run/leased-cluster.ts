import type { Cluster } from '../model/ports.ts';

/**
 * The same cluster, whose writes begin only after `mayWrite` has had its say: what it rejects with is their answer.
 * Reads, and writes that are only tried (`dryRun`), go through.
 */
export function leasedCluster(cluster: Cluster, mayWrite: () => Promise<void>): Cluster {
  const leased =
    <T extends unknown[], R>(act: (...args: T) => Promise<R>) =>
    async (...args: T): Promise<R> => {
      await mayWrite();
      return act(...args);
    };
  const patch = leased<Parameters<Cluster['patch']>, Awaited<ReturnType<Cluster['patch']>>>((...args) =>
    cluster.patch(...args),
  );
  return {
    name: cluster.name,
    region: cluster.region,
    get: (ref) => cluster.get(ref),
    list: (kind, filter) => cluster.list(kind, filter),
    create: leased((object) => cluster.create(object)),
    patch: (ref, ops, options) =>
      options?.dryRun === true ? cluster.patch(ref, ops, options) : patch(ref, ops, options),
    delete: leased((ref, options) => cluster.delete(ref, options)),
    observe: (...args) => cluster.observe(...args),
    can: (...args) => cluster.can(...args),
    podProxy: (...args) => cluster.podProxy(...args),
    proxyAdmin: (...args) => cluster.proxyAdmin(...args),
    exec: leased((where, command) => cluster.exec(where, command)),
    identity: () => cluster.identity(),
  };
}
