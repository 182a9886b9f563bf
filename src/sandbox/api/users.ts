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

/** Somebody whom the API server knows. */
export type User = {
  readonly name: string;
  readonly groups: readonly string[];
  /** Whether a request that needs this is let through. */
  may(access: Access): boolean;
  /** The rules that hold in a namespace, as SelfSubjectRulesReview tells them. */
  rulesIn(namespace: string): readonly PolicyRule[];
};

/** Who a request with this bearer token is from; undefined is 401. kubectl sends no token over plain HTTP. */
export type UserOf = (token: string | undefined) => User | undefined;

/** What may do everything, as `cluster-admin` does. */
const EVERYTHING: PolicyRule = { verbs: ['*'], apiGroups: ['*'], resources: ['*'] };

/** The one whom the sandbox's kubeconfig names. */
const ADMINISTRATOR: User = {
  name: 'faultline-sandbox',
  groups: ['system:masters', 'system:authenticated'],
  may: () => true,
  rulesIn: () => [EVERYTHING],
};

/** Knows the administrator alone: by this token, and by none (client-go tools/clientcmd). Without a token any will do. */
export function administratorOnly(token: string | undefined): UserOf {
  return (sent) => (sent === undefined || token === undefined || sent === token ? ADMINISTRATOR : undefined);
}
