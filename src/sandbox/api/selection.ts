import { messageOf } from '../../model/errors.ts';
import type { KubeObject } from '../../model/kubernetes.ts';
import { type LabelRequirement, meetsAll, parseLabelSelector } from '../../model/label-selector.ts';
import { convert } from './convert.ts';
import { badRequest } from './errors.ts';
import { parseFieldSelector } from './field-selector.ts';
import { asMap } from './json.ts';
import { kindOf, type ResourceRequest } from './request.ts';

/** Whether an object belongs to what a list or watch asks for: namespace, name, label selector and field selector. */
export function selectionOf(target: ResourceRequest): (object: KubeObject) => boolean {
  const { namespace, name, query, resource } = target;
  const labels = labelsAsked(query.get('labelSelector') ?? '');
  const fields = parseFieldSelector(query.get('fieldSelector') ?? '', resource.kind);
  const { apiVersion } = kindOf(target);
  return (object) =>
    (namespace === undefined || object.metadata.namespace === namespace) &&
    (name === undefined || object.metadata.name === name) &&
    meetsAll(labels, object.metadata.labels) &&
    fields(asMap(convert(object, resource, apiVersion)));
}

function labelsAsked(text: string): LabelRequirement[] {
  try {
    return parseLabelSelector(text);
  } catch (error) {
    throw badRequest(messageOf(error));
  }
}
