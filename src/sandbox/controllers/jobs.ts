import { KINDS, type KubeObject } from '../../model/kubernetes.ts';
import { timestamp } from '../api/identity.ts';
import { asMap, asObject, at, type JsonMap, mapOf, mapsOf, numberOf, stringOf } from '../api/json.ts';
import { type Controller, type ControllerContext, keyOf, splitKey } from './controller.ts';
import { type JobProgress, runPods } from './job-pods.ts';
import { controllerOf } from './owners.ts';

const DEADLINE_MESSAGE = 'Job was active longer than specified deadline';

/**
 * Runs the pods of jobs and ends things: the active deadline fails a job, and the time to live deletes a finished one
 * together with its dependents (pkg/controller/job and pkg/controller/ttlafterfinished).
 */
export function jobController(context: ControllerContext): Controller {
  const { store } = context;
  return {
    name: 'job-controller',
    keys({ object }) {
      if (object.kind === KINDS.job.kind) return [keyOf(object.metadata.namespace, object.metadata.name)];
      const owner = object.kind === KINDS.pod.kind ? controllerOf(object) : undefined;
      return owner?.kind === KINDS.job.kind ? [keyOf(object.metadata.namespace, owner.name)] : [];
    },
    reconcile(key) {
      const job = store.get({ ...KINDS.job, ...splitKey(key) });
      if (job === undefined || job.metadata.deletionTimestamp !== undefined) return undefined;
      const finished = finishedAt(job);
      return finished === undefined ? syncActive(job, context) : expire(job, finished, context);
    },
  };
}

/** When the job failed or completed, in milliseconds of wall time. */
function finishedAt(job: KubeObject): number | undefined {
  const end = mapsOf(at(job, 'status', 'conditions')).find(
    ({ type, status }) => (type === 'Failed' || type === 'Complete') && status === 'True',
  );
  return end === undefined ? undefined : Date.parse(stringOf(end.lastTransitionTime));
}

function syncActive(job: KubeObject, context: ControllerContext): number | undefined {
  const { clock } = context;
  if (at(job, 'spec', 'suspend') === true) {
    suspend(job, context);
    return undefined;
  }
  const start = stringOf(at(job, 'status', 'startTime'));
  if (start === '') {
    writeStatus(
      job,
      { startTime: timestamp(clock), ready: 0, terminating: 0, conditions: resumed(job, timestamp(clock)) },
      context,
    );
    return undefined;
  }
  if (numberOf(at(job, 'spec', 'parallelism')) > 0) {
    const { status, end } = runPods(job, context);
    if (end === undefined) writeStatus(job, status, context);
    else finish(job, status, end, context);
    if (end !== undefined) return undefined;
  }
  const deadline = at(job, 'spec', 'activeDeadlineSeconds');
  if (typeof deadline !== 'number') return undefined;
  const left = Date.parse(start) + deadline * 1000 - clock.wall().getTime();
  if (left > 0) return left;
  finish(job, {}, { type: 'Failed', reason: 'DeadlineExceeded', message: DEADLINE_MESSAGE }, context);
  return undefined;
}

function finish(
  job: KubeObject,
  status: JsonMap,
  { type, reason, message }: NonNullable<JobProgress['end']>,
  context: ControllerContext,
): void {
  const time = timestamp(context.clock);
  const facts = { status: 'True', reason, message, lastProbeTime: time, lastTransitionTime: time };
  const before = type === 'Failed' ? 'FailureTarget' : 'SuccessCriteriaMet';
  const conditions = [...mapsOf(at(job, 'status', 'conditions')), { type: before, ...facts }, { type, ...facts }];
  writeStatus(job, { ...status, ...(type === 'Complete' ? { completionTime: time } : {}), conditions }, context);
  const event =
    type === 'Failed'
      ? ({ type: 'Warning', reason, message } as const)
      : ({ type: 'Normal', reason: 'Completed', message: 'Job completed' } as const);
  context.events.record(job, { ...event, component: 'job-controller' });
}

/** A suspended job has no start time: its deadline begins anew when it is resumed. */
function suspend(job: KubeObject, context: ControllerContext): void {
  const conditions = mapsOf(at(job, 'status', 'conditions'));
  if (conditions.some(({ type, status }) => type === 'Suspended' && status === 'True')) return;
  const time = timestamp(context.clock);
  const condition = {
    type: 'Suspended',
    status: 'True',
    reason: 'JobSuspended',
    message: 'Job suspended',
    lastProbeTime: time,
    lastTransitionTime: time,
  };
  const { startTime: _, ...status } = mapOf(asMap(job).status);
  const others = conditions.filter(({ type }) => type !== 'Suspended');
  context.store.update(asObject({ ...asMap(job), status: { ...status, conditions: [...others, condition] } }), {
    subresource: 'status',
  });
  context.events.record(job, {
    type: 'Normal',
    reason: 'Suspended',
    message: 'Job suspended',
    component: 'job-controller',
  });
}

function resumed(job: KubeObject, time: string): JsonMap[] {
  return mapsOf(at(job, 'status', 'conditions')).map((one) =>
    one.type === 'Suspended'
      ? { ...one, status: 'False', reason: 'JobResumed', message: 'Job resumed', lastTransitionTime: time }
      : one,
  );
}

function writeStatus(job: KubeObject, fields: JsonMap, { store }: ControllerContext): void {
  const status = { ...mapOf(asMap(job).status), ...fields };
  store.update(asObject({ ...asMap(job), status }), { subresource: 'status' });
}

/** Deletes a finished job when its time is up: foreground, and only this very job. */
function expire(job: KubeObject, finished: number, { store, clock }: ControllerContext): number | undefined {
  const ttl = at(job, 'spec', 'ttlSecondsAfterFinished');
  if (typeof ttl !== 'number') return undefined;
  const left = finished + ttl * 1000 - clock.wall().getTime();
  if (left > 0) return left;
  const { namespace = '', name = '', uid = '' } = job.metadata;
  store.delete({ ...KINDS.job, namespace, name }, { uid, propagation: 'Foreground' });
  return undefined;
}
