import type { KubeObject } from '../../model/kubernetes.ts';
import { convert } from './convert.ts';
import { asMap } from './json.ts';
import { kindOf, type ResourceRequest } from './request.ts';
import { type Labels, parseFieldSelector, parseLabelSelector } from './selectors.ts';

/** Whether an object belongs to what a list or watch asks for: namespace, name, label selector and field selector. */
export function selectionOf(target: ResourceRequest): (object: KubeObject) => boolean {
  const { namespace, name, query, resource } = target;
  const labels = parseLabelSelector(query.get('labelSelector') ?? '');
  const fields = parseFieldSelector(query.get('fieldSelector') ?? '', resource.kind);
  const { apiVersion } = kindOf(target);
  return (object) =>
    (namespace === undefined || object.metadata.namespace === namespace) &&
    (name === undefined || object.metadata.name === name) &&
    labels((object.metadata.labels ?? {}) as Labels) &&
    fields(asMap(convert(object, resource, apiVersion)));
}
