import type { Json } from '../../model/scenario.ts';
import { type Access, type AccessRule, isDenied } from './access.ts';
import { type JsonMap, mapOf, stringOf } from './json.ts';
import { REVIEWS, type ReviewKind } from './review-kinds.ts';
import { splitApiPath } from './route.ts';

const USER = {
  username: 'faultline-sandbox',
  uid: 'faultline-sandbox',
  groups: ['system:masters', 'system:authenticated'],
};

/** The review kind that a path names, if it names one. */
export function findReview(path: string): ReviewKind | undefined {
  const split = splitApiPath(path);
  if (split === undefined) return undefined;
  const plural = split.rest[0] === 'namespaces' ? split.rest[2] : split.rest[0];
  return REVIEWS.find((one) => `${one.group}/${one.version}` === split.apiVersion && one.plural === plural);
}

/** Fills in the status of an access or identity review; nothing is stored. */
export function answerReview(review: ReviewKind, body: JsonMap, deny: readonly AccessRule[]): JsonMap {
  return {
    ...body,
    kind: review.kind,
    apiVersion: `${review.group}/${review.version}`,
    metadata: { creationTimestamp: null, ...mapOf(body.metadata) },
    status: statusOf(review.kind, mapOf(body.spec), deny),
  };
}

function statusOf(kind: string, spec: JsonMap, deny: readonly AccessRule[]): Json {
  if (kind === 'SelfSubjectReview') return { userInfo: USER };
  if (kind === 'SelfSubjectRulesReview') {
    return {
      resourceRules: [{ verbs: ['*'], apiGroups: ['*'], resources: ['*'] }],
      nonResourceRules: [{ verbs: ['*'], nonResourceURLs: ['*'] }],
      incomplete: deny.length > 0,
    };
  }
  const attributes = mapOf(spec.resourceAttributes);
  const field = (name: string): string => stringOf(attributes[name]);
  const access: Access = {
    verb: field('verb'),
    group: field('group'),
    resource: field('resource'),
    subresource: field('subresource'),
    namespace: field('namespace'),
    name: field('name'),
  };
  return isDenied(deny, access) ? { allowed: false, reason: 'denied by the sandbox' } : { allowed: true };
}
