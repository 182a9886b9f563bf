import type { KubeObject } from '../../model/kubernetes.ts';
import { type LabelRequirement, meetsAll } from '../../model/label-selector.ts';
import { hasLabels } from '../../model/labels.ts';
import { at, type JsonMap, mapOf, mapsOf, stringOf } from '../api/json.ts';

const REQUIRED = ['affinity', 'nodeAffinity', 'requiredDuringSchedulingIgnoredDuringExecution', 'nodeSelectorTerms'];

/** Whether node selector and required node affinity of a pod let it go to a node (component-helpers RequiredNodeAffinity). */
export function isWanted({ spec }: KubeObject, { metadata }: KubeObject): boolean {
  const required = at(spec, ...REQUIRED) as readonly Term[] | undefined;
  return (
    hasLabels(metadata.labels, mapOf(at(spec, 'nodeSelector'))) &&
    (required === undefined || required.some((term) => matches(term, metadata)))
  );
}

type Term = {
  readonly matchExpressions?: readonly LabelRequirement[] | null;
  readonly matchFields?: readonly LabelRequirement[] | null;
};

/** All that a term says must hold; one that says nothing matches no node. */
function matches({ matchExpressions, matchFields }: Term, { name = '', labels }: KubeObject['metadata']): boolean {
  const [expressions, fields] = [matchExpressions ?? [], matchFields ?? []];
  const isEmpty = expressions.length === 0 && fields.length === 0;
  return !isEmpty && meetsAll(expressions, labels) && meetsAll(fields, { 'metadata.name': name });
}

/** Whether a pod bears a taint (component-helpers scheduling/corev1 TolerationsTolerateTaint). */
export function tolerates(pod: KubeObject, taint: JsonMap): boolean {
  return mapsOf(at(pod, 'spec', 'tolerations')).some(({ key, operator = 'Equal', value, effect }) => {
    if (effect !== undefined && effect !== '' && effect !== taint.effect) return false;
    if (key !== undefined && key !== '' && key !== taint.key) return false;
    return operator === 'Exists' || stringOf(value) === stringOf(taint.value);
  });
}
