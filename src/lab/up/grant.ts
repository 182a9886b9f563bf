import type { Permission } from '../../model/fault.ts';
import { KINDS, type KubeObject, type ObjectRef } from '../../model/kubernetes.ts';
import type { Cluster } from '../../model/ports.ts';
import { LAB_NAME } from '../topology.ts';
import { DRILL } from './users.ts';

const RBAC = 'rbac.authorization.k8s.io';
const ROLES = ['ClusterRoleBinding', 'ClusterRole'];
const NAMESPACED_ROLES = ['RoleBinding', 'Role'];
const NAME = 'faultline-drill';
const LABELS = { 'app.kubernetes.io/managed-by': LAB_NAME };

/** The roles that allow these permissions and nothing else, each with its binding to the user for drills. */
export function drillRoles(permissions: readonly Permission[]): KubeObject[] {
  const places = Map.groupBy(permissions, ({ namespace }) => namespace);
  return [...places].flatMap(([namespace, own]) => {
    const prefix = namespace === '' ? 'Cluster' : '';
    const metadata = { name: NAME, labels: LABELS, ...(namespace === '' ? {} : { namespace }) };
    const apiVersion = `${RBAC}/v1`;
    const roleRef = { apiGroup: RBAC, kind: `${prefix}Role`, name: NAME };
    const subjects = [{ apiGroup: RBAC, kind: 'User', name: DRILL.name }];
    return [
      { apiVersion, kind: `${prefix}Role`, metadata, rules: own.map(ruleOf) },
      { apiVersion, kind: `${prefix}RoleBinding`, metadata, roleRef, subjects },
    ];
  });
}

function ruleOf({ apiVersion, kind, verb, subresource, name }: Permission) {
  const resource = `${pluralOf(kind)}${subresource === undefined ? '' : `/${subresource}`}`;
  const group = apiVersion.includes('/') ? apiVersion.slice(0, apiVersion.indexOf('/')) : '';
  return {
    apiGroups: [group],
    resources: [resource],
    verbs: [verb],
    ...(name === undefined ? {} : { resourceNames: [name] }),
  };
}

/** As Kubernetes' own `UnsafeGuessKindToResource` (apimachinery) does, and as English does for Istio's Gateway. */
function pluralOf(kind: string): string {
  const lower = kind.toLowerCase();
  if (lower.endsWith('s')) return `${lower}es`;
  return /[^aeiou]y$/.test(lower) ? `${lower.slice(0, -1)}ies` : `${lower}s`;
}

/** Gives the user for drills exactly these permissions in a cluster: what it had before goes first. */
export async function grantDrill(cluster: Cluster, permissions: readonly Permission[]): Promise<void> {
  const labelSelector = Object.entries(LABELS).map((pair) => pair.join('='))[0] ?? '';
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
  for (const object of drillRoles(permissions)) await cluster.create(object);
}
