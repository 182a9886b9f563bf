import type { Json } from '../../model/scenario.ts';
import type { Access } from './access.ts';
import { clone, type JsonMap, mapOf, stringOf } from './json.ts';
import { REVIEWS, type ReviewKind } from './review-kinds.ts';
import { splitApiPath } from './route.ts';
import type { User } from './users.ts';

/** Documents that everybody may read (system:discovery). */
const OPEN = { verbs: ['get'], nonResourceURLs: ['/api', '/api/*', '/apis', '/apis/*', '/healthz', '/version'] };

/** The review kind that a path names, if it names one. */
export function findReview(path: string): ReviewKind | undefined {
  const split = splitApiPath(path);
  if (split === undefined) return undefined;
  const plural = split.rest[0] === 'namespaces' ? split.rest[2] : split.rest[0];
  return REVIEWS.find((one) => `${one.group}/${one.version}` === split.apiVersion && one.plural === plural);
}

/** Fills in the status of an access or identity review; nothing is stored. */
export function answerReview(review: ReviewKind, body: JsonMap, user: User): JsonMap {
  return {
    ...body,
    kind: review.kind,
    apiVersion: `${review.group}/${review.version}`,
    metadata: { creationTimestamp: null, ...mapOf(body.metadata) },
    status: statusOf(review.kind, mapOf(body.spec), user),
  };
}

function statusOf(kind: string, spec: JsonMap, user: User): Json {
  const { name, groups } = user;
  if (kind === 'SelfSubjectReview') return { userInfo: { username: name, uid: name, groups: [...groups] } };
  if (kind === 'SelfSubjectRulesReview') {
    const rules = user.rulesIn(stringOf(spec.namespace));
    return { resourceRules: clone(rules) as unknown as Json, nonResourceRules: [OPEN], incomplete: false };
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
  return { allowed: user.may(access) };
}
