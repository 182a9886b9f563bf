import { alteredCluster } from '../faults/altered-cluster.ts';
import { FaultlineError } from '../model/errors.ts';
import type { Cluster } from '../model/ports.ts';

/** The same cluster as an undo sees it: with their kind, as when its CRD was deleted and no version of it is served, all objects of it have gone. */
export function unservedIsGone(cluster: Cluster): Cluster {
  return alteredCluster(cluster, {
    get: (ref) => cluster.get(ref).catch((error) => unlessUnserved(error, undefined)),
    list: (kind, filter) => cluster.list(kind, filter).catch((error) => unlessUnserved(error, [])),
    delete: (ref, options) => cluster.delete(ref, options).catch((error) => unlessUnserved(error, undefined)),
  });
}

function unlessUnserved<T>(error: unknown, nothing: T): T {
  if (error instanceof FaultlineError && error.code === 'KIND_NOT_SERVED') return nothing;
  throw error;
}
