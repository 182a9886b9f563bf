import type { Cluster } from './ports.ts';

type RoleFor<Member> = Member extends (...args: never[]) => infer Answer
  ? Answer extends Promise<unknown>
    ? 'read' | 'write' | 'lasting' | 'permit'
    : 'lasting'
  : 'fact';

/**
 * What each member of a cluster is to those who guard one. `read` asks and changes nothing; `write` may change something, unless
 * its `dryRun` says that it does not; `lasting` goes on asking until its signal; `permit` says whether a write may be made;
 * `fact` asks nothing.
 */
export const CLUSTER_ROLES = {
  name: 'fact',
  region: 'fact',
  kubectl: 'fact',
  configuredBy: 'fact',
  get: 'read',
  list: 'read',
  can: 'read',
  podProxy: 'read',
  identity: 'read',
  create: 'write',
  patch: 'write',
  delete: 'write',
  exec: 'write',
  observe: 'lasting',
  proxyAdmin: 'lasting',
  mayWrite: 'permit',
} as const satisfies { readonly [Name in keyof Cluster]-?: RoleFor<Required<Cluster>[Name]> };

/** A role that a member of a cluster has. */
export type ClusterRole = (typeof CLUSTER_ROLES)[keyof Cluster];

type NamesOf<Role extends ClusterRole> = {
  [Name in keyof Cluster]-?: (typeof CLUSTER_ROLES)[Name] extends Role ? Name : never;
}[keyof Cluster];

/** The members of a cluster that have one of these roles, all of them. */
export type ClusterMembers<Role extends ClusterRole> = Required<Pick<Cluster, NamesOf<Role>>>;

/** The names of the members that have this role. */
export function namesOf<Role extends ClusterRole>(role: Role): readonly NamesOf<Role>[] {
  const names = Object.keys(CLUSTER_ROLES) as (keyof Cluster)[];
  return names.filter((name): name is NamesOf<Role> => CLUSTER_ROLES[name] === role);
}
