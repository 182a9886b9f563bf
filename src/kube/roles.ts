import type { Permission } from '../model/fault.ts';
import type { KubeObject } from '../model/kubernetes.ts';

const RBAC = 'rbac.authorization.k8s.io';

/** Who gets a role: the subject of a binding. */
export type Subject = {
  readonly kind: 'User' | 'Group' | 'ServiceAccount';
  readonly name: string;
  /** Of a ServiceAccount. */
  readonly namespace?: string;
};

type About = {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  /** Without one there are roles and no bindings. */
  readonly subject?: Subject;
};

/** Roles that allow these permissions and nothing else: one for each namespace, one for what is in none; each with its binding. */
export function rolesFor(permissions: readonly Permission[], { name, labels, subject }: About): KubeObject[] {
  const places = Map.groupBy(permissions, ({ namespace }) => namespace);
  return [...places].flatMap(([namespace, own]) => {
    const prefix = namespace === '' ? 'Cluster' : '';
    const metadata = { name, labels, ...(namespace === '' ? {} : { namespace }) };
    const apiVersion = `${RBAC}/v1`;
    const role = { apiVersion, kind: `${prefix}Role`, metadata, rules: rulesOf(own) };
    const roleRef = { apiGroup: RBAC, kind: `${prefix}Role`, name };
    if (subject === undefined) return [role];
    const subjects = [subject.kind === 'ServiceAccount' ? subject : { apiGroup: RBAC, ...subject }];
    return [role, { apiVersion, kind: `${prefix}RoleBinding`, metadata, roleRef, subjects }];
  });
}

/** One rule for each kind of object, with all of its verbs. */
function rulesOf(permissions: readonly Permission[]) {
  const resources = Map.groupBy(permissions, ({ apiVersion, kind, subresource, name }) =>
    JSON.stringify([groupOf(apiVersion), kind, subresource, name]),
  );
  return [...resources.values()].flatMap(([first, ...others]) => {
    if (first === undefined) return [];
    const { apiVersion, kind, subresource, name } = first;
    return {
      apiGroups: [groupOf(apiVersion)],
      resources: [`${pluralOf(kind)}${subresource === undefined ? '' : `/${subresource}`}`],
      verbs: [...new Set([first, ...others].map(({ verb }) => verb))],
      ...(name === undefined ? {} : { resourceNames: [name] }),
    };
  });
}

const groupOf = (apiVersion: string): string => apiVersion.slice(0, Math.max(0, apiVersion.indexOf('/')));

/** As Kubernetes' own `UnsafeGuessKindToResource` (apimachinery) does, and as English does for Istio's Gateway. */
function pluralOf(kind: string): string {
  const lower = kind.toLowerCase();
  if (lower.endsWith('s')) return `${lower}es`;
  return /[^aeiou]y$/.test(lower) ? `${lower.slice(0, -1)}ies` : `${lower}s`;
}
