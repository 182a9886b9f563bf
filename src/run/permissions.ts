import { permissionsIn } from '../faults/index.ts';
import { FaultlineError } from '../model/errors.ts';
import type { FaultKind, FaultPlan, Permission } from '../model/fault.ts';
import { KINDS } from '../model/kubernetes.ts';
import type { Cluster } from '../model/ports.ts';
import type { Target } from '../model/target.ts';
import { leftoverPermissions } from './leftovers.ts';
import type { OpenCluster } from './wiring.ts';

export type PermissionCheck = Permission & { readonly cluster: string; readonly allowed: boolean };

/** Namespace that holds the in-cluster copy of the journal: the target's first, the same for every run against it. */
export function journalNamespace(target: Target): string {
  return target.namespaces[0] ?? 'default';
}

/** What a run with a fault needs besides the fault's own permissions: the journal in the cluster, the search for leftovers. */
export function runPermissions(target: Target, kind: FaultKind): Permission[] {
  const namespace = journalNamespace(target);
  const journal = (['get', 'list', 'create', 'patch', 'delete'] as const).map((verb) => ({
    ...KINDS.configMap,
    verb,
    namespace,
  }));
  return [...journal, ...leftoverPermissions(target.namespaces, [kind])];
}

/** Asks the API once for each permission that the faults of a run need. */
export async function checkPermissions(
  target: Target,
  faults: readonly { readonly open: OpenCluster; readonly kind: FaultKind; readonly plan: FaultPlan }[],
): Promise<PermissionCheck[]> {
  const each = faults.flatMap(({ open: { cluster }, kind, plan }) =>
    [...plan.permissions, ...runPermissions(target, kind)].map((permission) => ({ cluster, permission })),
  );
  const once = new Map(each.map((ask) => [permissionText({ ...ask.permission, cluster: ask.cluster.name }), ask]));
  return Promise.all(
    [...once.values()].map(async ({ cluster, permission }) => ({
      ...permission,
      cluster: cluster.name,
      allowed: await cluster.can(permission.verb, permission, permission.namespace),
    })),
  );
}

/** Throws PERMISSION_DENIED with everything that is missing. */
export function requirePermissions({ permissions }: { readonly permissions: readonly PermissionCheck[] }): void {
  const missing = permissions.filter((check) => !check.allowed);
  if (missing.length === 0) return;
  throw new FaultlineError('PERMISSION_DENIED', `the API does not allow: ${missing.map(permissionText).join('; ')}`, {
    hint: 'Grant these verbs before the run: an undo that is not allowed would leave the fault behind.',
  });
}

/** `delete Pod in tokyo/default`, or `list Node in tokyo` where it is asked for the whole cluster. */
export function permissionText({ verb, kind, cluster, namespace }: Permission & { readonly cluster: string }): string {
  return `${verb} ${kind} in ${cluster}${namespace === '' ? '' : `/${namespace}`}`;
}

/** What the API does not allow of a kind of fault in the namespaces of a target, as `permissionText` writes it. */
export async function missingPermissions(cluster: Cluster, target: Target, kind: FaultKind): Promise<string[]> {
  const needed = [...permissionsIn(kind.permissions, target.namespaces), ...runPermissions(target, kind)];
  const answers = await Promise.all(
    needed.map(async (one) => ({ ...one, allowed: await cluster.can(one.verb, one, one.namespace) })),
  );
  const missing = answers.filter(({ allowed }) => !allowed);
  return missing.map((one) => permissionText({ ...one, cluster: cluster.name }));
}
