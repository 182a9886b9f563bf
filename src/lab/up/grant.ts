import { rolesFor } from '../../kube/roles.ts';
import type { Permission } from '../../model/fault.ts';
import { KINDS, type ObjectRef } from '../../model/kubernetes.ts';
import { selectorText } from '../../model/labels.ts';
import type { Cluster } from '../../model/ports.ts';
import { LAB_NAME } from '../topology.ts';
import { DRILL } from './users.ts';

const RBAC = 'rbac.authorization.k8s.io';
const ROLES = ['ClusterRoleBinding', 'ClusterRole'];
const NAMESPACED_ROLES = ['RoleBinding', 'Role'];
const NAME = 'faultline-drill';
const LABELS = { 'app.kubernetes.io/managed-by': LAB_NAME };

/** Gives the user for drills exactly these permissions in a cluster: what it had before goes first. */
export async function grantDrill(cluster: Cluster, permissions: readonly Permission[]): Promise<void> {
  const labelSelector = selectorText(LABELS);
  const namespaces = await cluster.list(KINDS.namespace, {});
  const names = namespaces.flatMap(({ metadata }) => metadata.name ?? []);
  const everywhere = ROLES.map((kind) => ({ apiVersion: `${RBAC}/v1`, kind }));
  const inEach = NAMESPACED_ROLES.map((kind) => ({ apiVersion: `${RBAC}/v1`, kind }));
  const remove = async (kind: { apiVersion: string; kind: string }, filter: { namespace?: string }) => {
    for (const { metadata } of await cluster.list(kind, { ...filter, labelSelector })) {
      const ref: ObjectRef = { ...kind, ...filter, name: metadata.name ?? '' };
      await cluster.delete(ref);
    }
  };
  for (const kind of everywhere) await remove(kind, {});
  for (const kind of inEach) await Promise.all(names.map((namespace) => remove(kind, { namespace })));
  const subject = { kind: 'User', name: DRILL.name } as const;
  for (const object of rolesFor(permissions, { name: NAME, labels: LABELS, subject })) await cluster.create(object);
}
