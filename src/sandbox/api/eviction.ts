import type { KubeObject } from '../../model/kubernetes.ts';
import type { ServerContext } from './context.ts';
import { ApiError, methodNotAllowed } from './errors.ts';
import { at, isMap, mapOf, mapsOf } from './json.ts';
import { refOf, requireObject } from './read.ts';
import { readDeleteOptions } from './remove.ts';
import { type Reply, success } from './reply.ts';
import { type ApiRequest, bodyMap, isDryRun } from './request.ts';
import { type Labels, parseLabelSelectorObject } from './selectors.ts';

const BUDGET = { apiVersion: 'policy/v1', kind: 'PodDisruptionBudget' };
const POD = { apiVersion: 'v1', kind: 'Pod' };
const RETRY_SECONDS = 10;

/** Deletes a pod unless a PodDisruptionBudget forbids it, which is 429 (registry/core/pod/rest/eviction.go). */
export function handleEviction(request: ApiRequest, context: ServerContext): Reply {
  if (request.verb !== 'create') throw methodNotAllowed();
  const pod = requireObject(request, context);
  const body = bodyMap(request);
  for (const budget of budgetsOf(pod, context)) refuseDisruption(budget, pod, context);
  const options = readDeleteOptions(request, mapOf(body.deleteOptions));
  context.store.delete(refOf(request), { ...options, dryRun: options.dryRun === true || isDryRun(request, body) });
  return success(201);
}

function budgetsOf(pod: KubeObject, { store }: ServerContext): KubeObject[] {
  return store.list(BUDGET, pod.metadata.namespace).filter((budget) => selects(budget, pod));
}

function selects(budget: KubeObject, pod: KubeObject): boolean {
  const selector = at(budget, 'spec', 'selector');
  return isMap(selector) && parseLabelSelectorObject(selector)((pod.metadata.labels ?? {}) as Labels);
}

function isHealthy(pod: KubeObject): boolean {
  const conditions = mapsOf(at(pod, 'status', 'conditions'));
  return (
    pod.metadata.deletionTimestamp === undefined &&
    conditions.some(({ type, status }) => type === 'Ready' && status === 'True')
  );
}

function refuseDisruption(budget: KubeObject, pod: KubeObject, { store }: ServerContext): void {
  const pods = store.list(POD, pod.metadata.namespace).filter((one) => selects(budget, one));
  const healthy = pods.filter(isHealthy).length;
  const { minAvailable, maxUnavailable } = mapOf(budget.spec);
  const needed =
    minAvailable === undefined ? pods.length - share(maxUnavailable, pods.length) : share(minAvailable, pods.length);
  if (!isHealthy(pod) || healthy - 1 >= needed) return;
  const name = budget.metadata.name ?? '';
  const message = `The disruption budget ${name} needs ${needed} healthy pods and has ${healthy} currently`;
  throw new ApiError(429, 'TooManyRequests', "Cannot evict pod as it would violate the pod's disruption budget.", {
    causes: [{ reason: 'DisruptionBudget', message }],
    retryAfterSeconds: RETRY_SECONDS,
  });
}

/** A count, or a percentage rounded up. */
function share(value: unknown, total: number): number {
  if (typeof value === 'number') return value;
  const percent = typeof value === 'string' ? Number.parseFloat(value) : 0;
  return Math.ceil((percent * total) / 100);
}
