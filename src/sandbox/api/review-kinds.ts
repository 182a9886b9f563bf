/** A kind that is only ever created and answered, never stored. */
export type ReviewKind = {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly plural: string;
  readonly namespaced: boolean;
};

function review(group: string, kind: string, namespaced = false): ReviewKind {
  return { group, version: 'v1', kind, plural: `${kind.toLowerCase()}s`, namespaced };
}

export const REVIEWS: readonly ReviewKind[] = [
  review('authorization.k8s.io', 'SelfSubjectAccessReview'),
  review('authorization.k8s.io', 'SelfSubjectRulesReview'),
  review('authorization.k8s.io', 'SubjectAccessReview'),
  review('authorization.k8s.io', 'LocalSubjectAccessReview', true),
  review('authentication.k8s.io', 'SelfSubjectReview'),
];
