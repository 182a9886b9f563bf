import { alteredCluster } from '../faults/altered-cluster.ts';
import type { Cluster } from '../model/ports.ts';

/**
 * The same cluster, whose writes begin only after `mayWrite` has had its say: what it rejects with is their answer.
 * Reads, and writes that are only tried (`dryRun`), go through.
 */
export function leasedCluster(cluster: Cluster, mayWrite: () => Promise<void>): Cluster {
  return alteredCluster(cluster, {
    mayWrite,
    create: async (...args) => {
      await mayWrite();
      return cluster.create(...args);
    },
    patch: async (ref, ops, options) => {
      if (options?.dryRun !== true) await mayWrite();
      return cluster.patch(ref, ops, options);
    },
    delete: async (...args) => {
      await mayWrite();
      return cluster.delete(...args);
    },
    exec: async (...args) => {
      await mayWrite();
      return cluster.exec(...args);
    },
  });
}
