import { expect } from 'chai';
import { FaultlineError } from '../../../model/errors.ts';
import type { FaultKind } from '../../../model/fault.ts';
import { KINDS, type KubeObject } from '../../../model/kubernetes.ts';
import type { FakeCluster } from '../fake-cluster.ts';
import {
  type Check,
  type KindStage,
  planned,
  settled,
  shortContext,
  stageOn,
  stageSystem,
  undoWhole,
} from './stage.ts';

type Change = (object: KubeObject) => void;

const setIn =
  (field: string, value: string | number | boolean): Change =>
  (job) =>
    void Object.assign(job.spec as object, { [field]: value });

/** What keeps a Job from ending its fault, and the word of it that is told. */
const CHANGES: Readonly<Record<string, Change>> = {
  suspended: setIn('suspend', true),
  'activeDeadlineSeconds 7200 in place of 900': setIn('activeDeadlineSeconds', 7_200),
  'activeDeadlineSeconds unset in place of 900': (job) =>
    void delete (job.spec as { activeDeadlineSeconds?: number }).activeDeadlineSeconds,
  'ttlSecondsAfterFinished 3600 in place of 0': setIn('ttlSecondsAfterFinished', 3_600),
  'managedBy kueue.x-k8s.io/multikueue': setIn('managedBy', 'kueue.x-k8s.io/multikueue'),
};

const OTHER_OWNER = { apiVersion: 'v1', kind: 'ConfigMap', name: 'policy', uid: 'other' };

/** What keeps an object from going with its Job. */
const DISOWNED: Readonly<Record<string, Change>> = {
  'is not owned by its Job': (object) => void delete object.metadata.ownerReferences,
  'is owned by ConfigMap policy as well, which keeps it': ({ metadata }) =>
    void Object.assign(metadata, { ownerReferences: [...(metadata.ownerReferences ?? []), OTHER_OWNER] }),
};

const isExpiryJob = ({ kind, spec }: KubeObject): boolean =>
  kind === KINDS.job.kind && (spec as { activeDeadlineSeconds?: number }).activeDeadlineSeconds !== undefined;

/** The Jobs that end a fault, and what they own. */
function partsOf({ cluster, before }: KindStage): { readonly jobs: KubeObject[]; readonly owned: KubeObject[] } {
  const known = JSON.stringify(before);
  const jobs = [...cluster.objects.values()].filter(isExpiryJob);
  const made = [...cluster.objects.values()].filter(
    ({ metadata: { ownerReferences = [], name } }) =>
      !known.includes(`"name":"${name}"`) &&
      ownerReferences.some(({ uid }) => jobs.some((job) => job.metadata.uid === uid)),
  );
  return { jobs, owned: made };
}

/** A kind whose fault is ended by a Job; undefined where nothing of the kind is to be looked at. */
async function onWithJob(kind: FaultKind): Promise<KindStage | undefined> {
  const on = await stageOn(kind);
  const hasJob = partsOf(on).jobs.length > 0;
  expect(kind.whyEndless !== undefined, 'a Job that ends a fault is looked at, and nothing else is').to.equal(hasJob);
  return hasJob ? on : undefined;
}

/** A system whose admission changes new objects that are of this sort, in real writes alone or in dry runs as well. */
function changing(isIt: (object: KubeObject) => boolean, change: Change, inDryRuns: boolean): FakeCluster {
  const cluster = stageSystem();
  cluster.admit = (object, isDryRun) => {
    if (isIt(object) && (inDryRuns || !isDryRun)) change(object);
    return object;
  };
  return cluster;
}

async function told(kind: FaultKind): Promise<void> {
  if ((await onWithJob(kind)) === undefined) return;
  for (const [what, change] of Object.entries(CHANGES)) {
    const cluster = changing(isExpiryJob, change, true);
    const end = await settled(planned(kind, cluster));
    expect(end, what).to.include({ code: 'FAULT_REFUSED' });
    expect((end as Error).message)
      .to.contain(what)
      .and.contain('would not end the fault by itself');
    expect(cluster.writes).to.equal(0);
  }
  const denied = stageSystem();
  denied.admit = (object) => {
    if (isExpiryJob(object)) throw new FaultlineError('PERMISSION_DENIED', 'admission webhook says: no Jobs here');
    return object;
  };
  const end = (await settled(planned(kind, denied))) as FaultlineError;
  expect([end.code, end.message.includes('is not admitted'), end.message.includes('no Jobs here')]).to.deep.equal([
    'FAULT_REFUSED',
    true,
    true,
  ]);
}

/** Injects where admission changes what is stored, and looks that nothing of it stays. */
async function refused(kind: FaultKind, cluster: FakeCluster, what: string, isFirst: boolean): Promise<void> {
  const before = cluster.snapshot();
  const plan = await planned(kind, cluster);
  const made: string[] = [];
  cluster.after = ({ verb, isWrite, kind: of }) => void (verb === 'create' && isWrite && made.push(of));
  const end = await settled(kind.inject(plan, shortContext(cluster)));
  expect(end, what).to.include({ code: 'FAULT_REFUSED' });
  expect((end as Error).message)
    .to.contain(what)
    .and.contain('Kubernetes would not end the fault by itself')
    .and.contain('what was created was taken away at once');
  expect(cluster.snapshot(), what).to.deep.equal(before);
  if (isFirst) expect(new Set(made), `${what}: nothing but the Job was made`).to.deep.equal(new Set([KINDS.job.kind]));
  await undoWhole(kind, { cluster, before, plan }, what);
}

async function stored(kind: FaultKind): Promise<void> {
  const on = await onWithJob(kind);
  if (on === undefined) return;
  for (const [what, change] of Object.entries(CHANGES)) {
    await refused(kind, changing(isExpiryJob, change, false), what, true);
  }
  const kinds = new Set(partsOf(on).owned.map((object) => object.kind));
  const isOwned = (object: KubeObject) => kinds.has(object.kind) && object.metadata.ownerReferences !== undefined;
  for (const [what, change] of Object.entries(DISOWNED)) {
    await refused(kind, changing(isOwned, change, true), what, true);
    await refused(kind, changing(isOwned, change, false), what, false);
  }
}

async function kept(kind: FaultKind): Promise<void> {
  const on = await onWithJob(kind);
  if (on === undefined) return;
  const { cluster, plan } = on;
  const look = async () => kind.whyEndless?.(plan, shortContext(cluster));
  const { jobs, owned } = partsOf(on);
  expect([await look(), owned.length > 0]).to.deep.equal([undefined, true]);
  const during = async (object: KubeObject, change: Change, what: string) => {
    const other = structuredClone(object);
    change(other);
    cluster.add(other);
    expect(await look(), what)
      .to.contain(`${object.kind} `)
      .and.contain(what);
    cluster.add(object);
    expect(await look(), `${what}, and no more`).to.equal(undefined);
  };
  for (const job of jobs) {
    for (const [what, change] of Object.entries(CHANGES)) await during(job, change, what);
    await during(
      job,
      ({ metadata }) => void Object.assign(metadata, { deletionTimestamp: '2026-11-22T00:00:00Z' }),
      'was deleted',
    );
    await during(
      job,
      (it) => void Object.assign(it, { status: { conditions: [{ type: 'Failed', status: 'True' }] } }),
      'has ended (Failed)',
    );
    // Its UID is what it is known by.
    cluster.add({ ...job, metadata: { ...job.metadata, uid: 'another' } });
    expect(await look()).to.contain('is not owned by its Job');
    cluster.add(job);
  }
  for (const object of owned) for (const [what, change] of Object.entries(DISOWNED)) await during(object, change, what);
  for (const { kind: of, metadata } of jobs) cluster.objects.delete(`${of} ${metadata.namespace}/${metadata.name}`);
  expect(await look()).to.match(/^Job \S+ was deleted$/);
  for (const { kind: of, metadata } of owned) cluster.objects.delete(`${of} ${metadata.namespace}/${metadata.name}`);
  expect(await look(), 'what is off needs no end').to.equal(undefined);
}

export const EXPIRY: readonly Check[] = [
  { name: 'is not planned where a dry run tells that its Job would not end it', check: told },
  { name: 'is not injected, and leaves nothing, where what is stored would not end by itself', check: stored },
  { name: 'says while it is on why its Job would not end it', check: kept },
];
