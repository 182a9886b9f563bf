import { expect } from 'chai';
import { KINDS, type KubeObject } from '../../model/kubernetes.ts';
import { at, ensureMap } from '../api/json.ts';
import { conditionOf, type Harness, node, startHarness } from '../testing/controllers-harness.ts';

describe('job controller', () => {
  let cluster: Harness;
  beforeEach(() => {
    cluster = startHarness();
    cluster.store.create(node('node-a', 'zone-a'));
  });
  afterEach(() => {
    cluster.stop();
    expect(cluster.errors).to.deep.equal([]);
  });

  const job = (more: Record<string, unknown>): KubeObject =>
    cluster.store.create({
      ...KINDS.job,
      metadata: { name: 'switch', namespace: 'default' },
      spec: {
        parallelism: 0,
        completions: 1,
        template: { spec: { restartPolicy: 'Never', containers: [{ name: 'none', image: 'pause:3.10' }] } },
        ...(more as Record<string, never>),
      },
    });
  const pass = async (seconds: number): Promise<void> => {
    await cluster.settled();
    cluster.clock.advance(seconds * 1000);
    await cluster.settled();
  };
  const current = (): KubeObject | undefined => cluster.get(KINDS.job, 'switch');

  it('fails after the active deadline and not before, without ever having a pod', async () => {
    job({ activeDeadlineSeconds: 60 });
    await cluster.settled();
    expect(at(current(), 'status', 'startTime')).to.equal('2026-01-01T00:00:00Z');
    await pass(59);
    expect(conditionOf(current(), 'Failed')).to.equal(undefined);
    await pass(2);
    expect(conditionOf(current(), 'Failed')).to.include({ status: 'True', reason: 'DeadlineExceeded' });
    expect(cluster.names(KINDS.pod)).to.deep.equal([]);
  });

  it('is the dead-man switch: deadline, then deletion, then what it owns goes', async () => {
    const { uid = '' } = job({ activeDeadlineSeconds: 60, ttlSecondsAfterFinished: 0 }).metadata;
    cluster.store.create({
      ...KINDS.networkPolicy,
      metadata: {
        name: 'fault',
        namespace: 'default',
        ownerReferences: [{ apiVersion: 'batch/v1', kind: 'Job', name: 'switch', uid, blockOwnerDeletion: false }],
      },
      spec: { podSelector: {} },
    });
    await pass(59);
    expect(cluster.names(KINDS.networkPolicy)).to.deep.equal(['fault']);
    await pass(2);
    expect(current()).to.equal(undefined);
    expect(cluster.names(KINDS.networkPolicy)).to.deep.equal([]);
  });

  it('waits for the time to live after the end', async () => {
    job({ activeDeadlineSeconds: 10, ttlSecondsAfterFinished: 30 });
    await cluster.settled();
    await pass(11);
    expect(conditionOf(current(), 'Failed')).to.include({ status: 'True' });
    await pass(28);
    expect(current()).to.not.equal(undefined);
    await pass(3);
    expect(current()).to.equal(undefined);
  });

  it('follows a deadline that was moved', async () => {
    job({ activeDeadlineSeconds: 60 });
    await pass(30);
    cluster.change(KINDS.job, 'switch', (object) => {
      ensureMap(object, 'spec').activeDeadlineSeconds = 120;
    });
    await pass(60);
    expect(conditionOf(current(), 'Failed')).to.equal(undefined);
    await pass(40);
    expect(conditionOf(current(), 'Failed')).to.include({ status: 'True' });
  });

  it('does not count the time of a suspended job', async () => {
    job({ activeDeadlineSeconds: 60, suspend: true });
    await pass(100);
    expect(conditionOf(current(), 'Suspended')).to.include({ status: 'True' });
    expect(conditionOf(current(), 'Failed')).to.equal(undefined);
    cluster.change(KINDS.job, 'switch', (object) => {
      ensureMap(object, 'spec').suspend = false;
    });
    await cluster.settled();
    await pass(59);
    expect(conditionOf(current(), 'Failed')).to.equal(undefined);
    await pass(2);
    expect(conditionOf(current(), 'Failed')).to.include({ status: 'True' });
  });

  const pods = (): KubeObject[] => cluster.store.list(KINDS.pod, 'default');
  const end = (pod: KubeObject | undefined, phase: string): void => {
    if (pod === undefined) throw new Error('no such pod');
    cluster.store.update({ ...pod, status: { ...(pod.status as object), phase } } as KubeObject, {
      subresource: 'status',
    });
  };
  const alive = (): KubeObject[] =>
    pods().filter((pod) => !['Succeeded', 'Failed'].includes(String(at(pod, 'status', 'phase'))));

  it('runs as many pods at once as it may, until enough have succeeded', async () => {
    job({ parallelism: 2, completions: 3 });
    await cluster.settled();
    expect(pods().map((pod) => pod.metadata.ownerReferences?.[0]?.kind)).to.deep.equal(['Job', 'Job']);
    expect(pods()[0]?.metadata.labels).to.include({ 'batch.kubernetes.io/job-name': 'switch' });
    for (const left of [2, 2, 1]) {
      expect(alive()).to.have.length(left);
      end(alive()[0], 'Succeeded');
      await cluster.settled();
    }
    expect(pods()).to.have.length(3);
    expect(conditionOf(current(), 'Complete')).to.include({ status: 'True' });
    expect(at(current(), 'status')).to.deep.include({
      succeeded: 3,
      active: 0,
      completionTime: '2026-01-01T00:00:00Z',
    });
  });

  it('tries again after a failure, and gives up at the back-off limit', async () => {
    job({ parallelism: 1, backoffLimit: 1 });
    await cluster.settled();
    end(alive()[0], 'Failed');
    await cluster.settled();
    expect(alive()).to.have.length(1);
    end(alive()[0], 'Failed');
    await cluster.settled();
    expect(alive()).to.deep.equal([]);
    expect(conditionOf(current(), 'Failed')).to.include({ status: 'True', reason: 'BackoffLimitExceeded' });
  });
});
