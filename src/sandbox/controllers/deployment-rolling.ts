import type { KubeObject } from '../../model/kubernetes.ts';
import type { ControllerContext } from './controller.ts';
import { availableOf, byAge, replicasOf, rollingLimits, sumOf } from './deployment-model.ts';
import { newSetReplicas } from './deployment-revision.ts';
import { scaleSet } from './deployment-scale.ts';

/** One step of a rolling update: up first, then down (deployment/rolling.go). */
export function rollOn(
  deployment: KubeObject,
  newSet: KubeObject,
  old: readonly KubeObject[],
  context: ControllerContext,
): void {
  if (growNewSet(deployment, newSet, old, context)) return;
  shrinkOldSets(deployment, newSet, old, context);
}

function growNewSet(
  deployment: KubeObject,
  newSet: KubeObject,
  old: readonly KubeObject[],
  context: ControllerContext,
): boolean {
  const wanted = replicasOf(deployment);
  const size = replicasOf(newSet) > wanted ? wanted : newSetReplicas(deployment, [...old, newSet], newSet);
  return scaleSet(newSet, size, deployment, context);
}

/** Takes away old pods: those that are not available first, then as many as the limit of unavailability allows. */
function shrinkOldSets(
  deployment: KubeObject,
  newSet: KubeObject,
  old: readonly KubeObject[],
  context: ControllerContext,
): void {
  const oldCount = sumOf(old, replicasOf);
  if (oldCount === 0) return;
  const minAvailable = replicasOf(deployment) - rollingLimits(deployment).maxUnavailable;
  const newUnavailable = replicasOf(newSet) - availableOf(newSet);
  const spare = oldCount + replicasOf(newSet) - minAvailable - newUnavailable;
  const sizes = new Map([...old].sort(byAge).map((set) => [set, replicasOf(set)]));
  takeUnhealthy(sizes, spare);
  takeAvailable(sizes, sumOf([...old, newSet], availableOf) - minAvailable);
  for (const [set, size] of sizes) {
    if (size !== replicasOf(set)) scaleSet(set, size, deployment, context);
  }
}

function takeUnhealthy(sizes: Map<KubeObject, number>, spare: number): void {
  let left = spare;
  for (const [set, size] of sizes) {
    const taken = Math.max(0, Math.min(left, size - availableOf(set)));
    sizes.set(set, size - taken);
    left -= taken;
  }
}

function takeAvailable(sizes: Map<KubeObject, number>, spare: number): void {
  let left = Math.max(0, spare);
  for (const [set, size] of sizes) {
    const taken = Math.min(left, size);
    sizes.set(set, size - taken);
    left -= taken;
  }
}
