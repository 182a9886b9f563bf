import { KINDS, type KubeObject } from '../../model/kubernetes.ts';
import { disruptionState } from '../api/disruption.ts';
import { asMap, asObject, mapOf } from '../api/json.ts';
import { type Controller, type ControllerContext, keyOf, splitKey } from './controller.ts';

const BUDGET = { apiVersion: 'policy/v1', kind: 'PodDisruptionBudget' } as const;

/** Keeps the counts in the status of PodDisruptionBudgets (pkg/controller/disruption). */
export function disruptionController({ store }: ControllerContext): Controller {
  return {
    name: 'disruption-controller',
    keys({ object }) {
      const { namespace, name } = object.metadata;
      if (object.kind === BUDGET.kind) return [keyOf(namespace, name)];
      if (object.kind !== KINDS.pod.kind) return [];
      return store.list(BUDGET, namespace).map((budget) => keyOf(namespace, budget.metadata.name));
    },
    reconcile(key) {
      const budget = store.get({ ...BUDGET, ...splitKey(key) });
      if (budget !== undefined) writeStatus(budget);
      return undefined;
    },
  };

  function writeStatus(budget: KubeObject): void {
    const { expected, healthy, needed } = disruptionState(budget, store);
    const status = {
      ...mapOf(asMap(budget).status),
      observedGeneration: budget.metadata.generation ?? 1,
      expectedPods: expected,
      currentHealthy: healthy,
      desiredHealthy: needed,
      disruptionsAllowed: Math.max(0, healthy - needed),
    };
    store.update(asObject({ ...asMap(budget), status }), { subresource: 'status' });
  }
}
