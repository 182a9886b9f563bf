import { isServing } from '../../model/conditions.ts';
import type { KubeObject } from '../../model/kubernetes.ts';
import type { ServerContext } from './context.ts';
import { budgetSelects, disruptionState } from './disruption.ts';
import { ApiError, methodNotAllowed } from './errors.ts';
import { mapOf } from './json.ts';
import { refOf, requireObject } from './read.ts';
import { readDeleteOptions } from './remove.ts';
import { type Reply, success } from './reply.ts';
import { type ApiRequest, bodyMap, isDryRun } from './request.ts';

const BUDGET = { apiVersion: 'policy/v1', kind: 'PodDisruptionBudget' };
const RETRY_SECONDS = 10;

/** Deletes a pod unless a PodDisruptionBudget forbids it, which is 429 (registry/core/pod/rest/eviction.go). */
export function handleEviction(request: ApiRequest, context: ServerContext): Reply {
  if (request.verb !== 'create') throw methodNotAllowed();
  const pod = requireObject(request, context);
  const body = bodyMap(request);
  const budgets = context.store.list(BUDGET, pod.metadata.namespace).filter((budget) => budgetSelects(budget, pod));
  for (const budget of budgets) refuseDisruption(budget, pod, context);
  const options = readDeleteOptions(request, mapOf(body.deleteOptions));
  context.store.delete(refOf(request), { ...options, dryRun: options.dryRun === true || isDryRun(request, body) });
  return success(201);
}

function refuseDisruption(budget: KubeObject, pod: KubeObject, { store }: ServerContext): void {
  const { healthy, needed } = disruptionState(budget, store);
  if (!isServing(pod) || healthy - 1 >= needed) return;
  const message = `The disruption budget ${budget.metadata.name} needs ${needed} healthy pods and has ${healthy} currently`;
  throw new ApiError(429, 'TooManyRequests', "Cannot evict pod as it would violate the pod's disruption budget.", {
    causes: [{ reason: 'DisruptionBudget', message }],
    retryAfterSeconds: RETRY_SECONDS,
  });
}
