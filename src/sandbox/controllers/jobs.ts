import { KINDS, type KubeObject } from '../../model/kubernetes.ts';
import { timestamp } from '../api/identity.ts';
import { asMap, asObject, at, type JsonMap, mapOf, mapsOf, stringOf } from '../api/json.ts';
import { type Controller, type ControllerContext, keyOf, splitKey } from './controller.ts';

const DEADLINE_MESSAGE = 'Job was active longer than specified deadline';

/**
 * The part of the Job controllers that ends things: the active deadline fails a job, and the time to live deletes a finished
 * one together with its dependents (pkg/controller/job and pkg/controller/ttlafterfinished). Jobs get no pods here.
 */
export function jobController(context: ControllerContext): Controller {
  const { store } = context;
  return {
    name: 'job-controller',
    keys: ({ object }) =>
      object.kind === KINDS.job.kind ? [keyOf(object.metadata.namespace, object.metadata.name)] : [],
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
  const deadline = at(job, 'spec', 'activeDeadlineSeconds');
  if (typeof deadline !== 'number') return undefined;
  const left = Date.parse(start) + deadline * 1000 - clock.wall().getTime();
  if (left > 0) return left;
  const time = timestamp(clock);
  const failure = {
    status: 'True',
    reason: 'DeadlineExceeded',
    message: DEADLINE_MESSAGE,
    lastProbeTime: time,
    lastTransitionTime: time,
  };
  const conditions = [
    ...mapsOf(at(job, 'status', 'conditions')),
    { type: 'FailureTarget', ...failure },
    { type: 'Failed', ...failure },
  ];
  writeStatus(job, { conditions }, context);
  context.events.record(job, {
    type: 'Warning',
    reason: 'DeadlineExceeded',
    message: DEADLINE_MESSAGE,
    component: 'job-controller',
  });
  return undefined;
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
