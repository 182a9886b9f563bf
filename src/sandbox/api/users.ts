import type { Access } from './access.ts';

/** A rule of a Role or ClusterRole (rbac.authorization.k8s.io/v1); `*` stands for anything. */
export type PolicyRule = {
  readonly verbs: readonly string[];
  readonly apiGroups: readonly string[];
  /** Plural, with the subresource where one is meant: `pods/proxy`. */
  readonly resources: readonly string[];
  /** Absent: every object. With names, requests that name none (list, watch, create) are not covered. */
  readonly resourceNames?: readonly string[];
};

/** Rules that are bound to a user: in one namespace, or with none in the whole cluster. */
export type Role = { readonly namespace?: string; readonly rules: readonly PolicyRule[] };

/** Somebody whom the API server knows by a bearer token. */
export type User = {
  readonly name: string;
  readonly groups: readonly string[];
  readonly roles: readonly Role[];
  /** What the user asked for and was refused, in order. */
  readonly refused: Access[];
};

/** What may do everything, as `cluster-admin` does. */
const EVERYTHING: PolicyRule = { verbs: ['*'], apiGroups: ['*'], resources: ['*'] };

/** The one whom the sandbox's kubeconfig names. */
export function administrator(): User {
  const groups = ['system:masters', 'system:authenticated'];
  return { name: 'faultline-sandbox', groups, roles: [{ rules: [EVERYTHING] }], refused: [] };
}

/** A user who may do what the roles say and nothing else; discovery and access reviews are open to everybody. */
export function userWith(name: string, roles: readonly Role[]): User {
  return { name, groups: ['system:authenticated'], roles, refused: [] };
}

/** Whether one of the user's roles covers it (kubernetes plugin/pkg/auth/authorizer/rbac). */
export function mayDo({ roles }: User, access: Access): boolean {
  return roles
    .filter(({ namespace }) => namespace === undefined || namespace === access.namespace)
    .some(({ rules }) => rules.some((rule) => covers(rule, access)));
}

/** The rules that hold in a namespace, as SelfSubjectRulesReview tells them. */
export function rulesIn({ roles }: User, namespace: string): PolicyRule[] {
  return roles.filter((role) => (role.namespace ?? namespace) === namespace).flatMap(({ rules }) => rules);
}

function covers(rule: PolicyRule, { verb, group, resource, subresource, name }: Access): boolean {
  const what = subresource === '' ? [resource, '*'] : [`${resource}/${subresource}`, `*/${subresource}`, '*'];
  const { resourceNames = [] } = rule;
  return (
    has(rule.verbs, verb) &&
    has(rule.apiGroups, group) &&
    what.some((one) => rule.resources.includes(one)) &&
    (resourceNames.length === 0 || (name !== '' && resourceNames.includes(name)))
  );
}

function has(list: readonly string[], value: string): boolean {
  return list.includes('*') || list.includes(value);
}
