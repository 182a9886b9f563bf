import { alteredCluster } from '../faults/altered-cluster.ts';
import { FaultlineError, messageOf } from '../model/errors.ts';
import { KINDS, type KubeKind } from '../model/kubernetes.ts';
import type { Clock, Cluster } from '../model/ports.ts';
import type { Accepted } from './accept.ts';
import { again } from './again.ts';

/** A cluster of which a person has said which kinds of objects nobody can ask for. */
type Accepting = {
  readonly cluster: Cluster;
  /** What was not looked at for that reason, in words; each kind once. */
  readonly unasked: () => readonly string[];
  readonly isUnasked: (kind: string) => boolean;
};

/**
 * The same cluster, in which a kind that is named alone among what is accepted (`envoyfilter`) has no objects where reads of it go on
 * failing: it is served by its name only, and a person has said that nothing of ours is left of it. Not of what every cluster has:
 * without that nothing is known.
 */
export function acceptUnread(cluster: Cluster, accept: Accepted | undefined, clock: Clock): Accepting {
  const named = new Set(accept?.only.map((name) => name.toLowerCase()).filter((name) => !name.includes('/')));
  const unasked = new Map<string, string>();
  const isNamed = ({ apiVersion, kind }: KubeKind) =>
    named.has(kind.toLowerCase()) && apiVersion !== KINDS.configMap.apiVersion && kind !== KINDS.lease.kind;
  const asking = async <T>(kind: KubeKind, ask: () => Promise<T>): Promise<T> => {
    if (!isNamed(kind)) return ask();
    if (unasked.has(kind.kind)) throw unserved(kind);
    try {
      return await again(clock, ask);
    } catch (error) {
      unasked.set(kind.kind, `${kind.kind} (${messageOf(error)})`);
      throw unserved(kind);
    }
  };
  return {
    cluster: alteredCluster(cluster, {
      get: (ref) => asking(ref, () => cluster.get(ref)),
      list: (kind, filter) => asking(kind, () => cluster.list(kind, filter)),
    }),
    unasked: () => [...unasked.values()],
    isUnasked: (kind) => unasked.has(kind),
  };
}

function unserved({ kind }: KubeKind): FaultlineError {
  return new FaultlineError('KIND_NOT_SERVED', `${kind} is not asked for, as was accepted`);
}
