import { CLUSTER_ROLES, type ClusterMembers, namesOf } from '../model/cluster-roles.ts';
import type { Cluster } from '../model/ports.ts';

/** What is done around a request. */
type Around = <A extends unknown[], R>(act: (...args: A) => Promise<R>) => (...args: A) => Promise<R>;

/** The same cluster with some members replaced. */
export function alteredCluster(cluster: Cluster, change: Partial<Cluster>): Cluster {
  const names = Object.keys(CLUSTER_ROLES) as (keyof Cluster)[];
  const same = names.flatMap((name): [string, unknown][] => {
    const member = cluster[name];
    if (member === undefined) return [];
    return [[name, typeof member === 'function' ? asked(cluster, name) : member]];
  });
  return { ...(Object.fromEntries(same) as Cluster), ...change };
}

/** Every member of a cluster that has this role, with the same done around each. */
export function around<Role extends 'read' | 'write'>(
  cluster: Cluster,
  role: Role,
  wrap: Around,
): ClusterMembers<Role> {
  const wrapped = namesOf(role).map((name): [string, unknown] => [name, wrap(asked(cluster, name))]);
  return Object.fromEntries(wrapped) as ClusterMembers<Role>;
}

/** Asks the cluster itself, by the method that it has then. */
function asked(cluster: Cluster, name: keyof Cluster): (...args: unknown[]) => Promise<unknown> {
  return (...args) => Reflect.apply(cluster[name] as () => Promise<unknown>, cluster, args);
}
