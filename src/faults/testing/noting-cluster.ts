import { CLUSTER_ROLES, namesOf } from '../../model/cluster-roles.ts';
import type { Cluster } from '../../model/ports.ts';

/** A cluster that has every member, notes what reaches it and answers by name; and a way to ask a cluster by a method's name. */
export function notingCluster() {
  const reached: { readonly name: string; readonly args: readonly unknown[] }[] = [];
  const facts = new Set<string>(namesOf('fact'));
  const members = Object.keys(CLUSTER_ROLES).map((name): [string, unknown] => {
    const note = async (...args: unknown[]) => {
      reached.push({ name, args });
      return `answer to ${name}`;
    };
    return [name, facts.has(name) ? `its ${name}` : note];
  });
  const ask = async (cluster: Cluster, name: keyof Cluster, ...args: unknown[]): Promise<unknown> =>
    Reflect.apply(cluster[name] as () => unknown, cluster, args);
  return { cluster: Object.fromEntries(members) as Cluster, reached, ask };
}
