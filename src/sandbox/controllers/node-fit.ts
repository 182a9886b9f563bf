import type { KubeObject } from '../../model/kubernetes.ts';
import { at, type JsonMap, listOf, mapsOf, stringOf } from '../api/json.ts';

/** Required node affinity: one of the terms must match in all its expressions. */
export function matchesAffinity(pod: KubeObject, labels: Readonly<Record<string, string>>): boolean {
  const required = at(
    pod,
    'spec',
    'affinity',
    'nodeAffinity',
    'requiredDuringSchedulingIgnoredDuringExecution',
    'nodeSelectorTerms',
  );
  if (required === undefined) return true;
  return mapsOf(required).some((term) => mapsOf(term.matchExpressions).every((one) => matchesExpression(one, labels)));
}

function matchesExpression(expression: JsonMap, labels: Readonly<Record<string, string>>): boolean {
  const value = labels[stringOf(expression.key)];
  const values = listOf(expression.values);
  switch (expression.operator) {
    case 'In':
      return value !== undefined && values.includes(value);
    case 'NotIn':
      return value === undefined || !values.includes(value);
    case 'Exists':
      return value !== undefined;
    case 'DoesNotExist':
      return value === undefined;
    case 'Gt':
      return Number(value) > Number(values[0]);
    default:
      return Number(value) < Number(values[0]);
  }
}

/** Whether a pod bears a taint (component-helpers scheduling/corev1 TolerationsTolerateTaint). */
export function tolerates(pod: KubeObject, taint: JsonMap): boolean {
  return mapsOf(at(pod, 'spec', 'tolerations')).some(({ key, operator = 'Equal', value, effect }) => {
    if (effect !== undefined && effect !== '' && effect !== taint.effect) return false;
    if (key !== undefined && key !== '' && key !== taint.key) return false;
    return operator === 'Exists' || stringOf(value) === stringOf(taint.value);
  });
}
