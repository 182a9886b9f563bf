import { alteredCluster, around } from '../faults/altered-cluster.ts';
import type { Cluster } from '../model/ports.ts';

/**
 * The same cluster, whose writes begin only after `mayWrite` has had its say: what it rejects with is their answer.
 * Reads, and writes that are only tried (`dryRun`), go through.
 */
export function leasedCluster(cluster: Cluster, mayWrite: () => Promise<void>): Cluster {
  const leased = around(cluster, 'write', (act) => async (...args) => {
    await mayWrite();
    return act(...args);
  });
  return alteredCluster(cluster, {
    ...leased,
    mayWrite,
    create: (object, options) => (options?.dryRun === true ? cluster : leased).create(object, options),
    patch: (ref, ops, options) => (options?.dryRun === true ? cluster : leased).patch(ref, ops, options),
  });
}
