import { KINDS, type KubeObject } from '../../model/kubernetes.ts';
import { asObject, at, clone, type JsonMap, mapOf, numberOf } from '../api/json.ts';
import type { ControllerContext } from './controller.ts';
import { controllerReference, isControlledBy } from './owners.ts';
import { isActive, isReady } from './pods.ts';

/** How far a job's pods have come, and how it has ended if it has. */
export type JobProgress = {
  readonly status: JsonMap;
  readonly end?: { readonly type: 'Complete' | 'Failed'; readonly reason: string; readonly message: string };
};

/** Starts the pods that a job still wants and counts those that it has (pkg/controller/job: one for each completion). */
export function runPods(job: KubeObject, { store, events }: ControllerContext): JobProgress {
  const pods = store.list(KINDS.pod, job.metadata.namespace).filter((pod) => isControlledBy(pod, job));
  const inPhase = (phase: string): number => pods.filter((pod) => at(pod, 'status', 'phase') === phase).length;
  const succeeded = inPhase('Succeeded');
  const failed = inPhase('Failed');
  const completions = numberOf(at(job, 'spec', 'completions'), 1);
  const limit = numberOf(at(job, 'spec', 'backoffLimit'), 6);
  const active = pods.filter(isActive);
  const counts = { succeeded, failed, ready: active.filter(isReady).length, terminating: 0 };
  if (failed > limit) {
    const message = 'Job has reached the specified backoff limit';
    return { status: { ...counts, active: 0 }, end: { type: 'Failed', reason: 'BackoffLimitExceeded', message } };
  }
  if (succeeded >= completions) {
    const message = 'Reached expected number of succeeded pods';
    return { status: { ...counts, active: 0 }, end: { type: 'Complete', reason: 'CompletionsReached', message } };
  }
  const wanted = Math.min(numberOf(at(job, 'spec', 'parallelism'), 1), completions - succeeded);
  for (let count = active.length; count < wanted; count += 1) {
    const pod = store.create(podOf(job));
    const message = `Created pod: ${pod.metadata.name}`;
    events.record(job, { type: 'Normal', reason: 'SuccessfulCreate', message, component: 'job-controller' });
  }
  return { status: { ...counts, active: Math.max(wanted, active.length) } };
}

function podOf(job: KubeObject): KubeObject {
  const template = mapOf(at(job, 'spec', 'template'));
  const metadata = {
    ...mapOf(clone(template.metadata)),
    generateName: `${job.metadata.name}-`,
    namespace: job.metadata.namespace ?? '',
    ownerReferences: [controllerReference(job, KINDS.job)],
  };
  return asObject({ ...KINDS.pod, metadata, spec: clone(mapOf(template.spec)) });
}
