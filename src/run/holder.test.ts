import { expect } from 'chai';
import { FakeCluster } from '../faults/testing/fake-cluster.ts';
import type { FaultlineError } from '../model/errors.ts';
import { ClusterLease } from './cluster-lease.ts';
import { describeHolder, heldHint, holderId, holderText } from './holder.ts';
import { virtualClock } from './testing/virtual-clock.ts';

describe('the holder of a lease', () => {
  it('is written with the address of its CI job where there is one', () => {
    const holder = { id: 'run-1', host: 'ci-7', pid: 42 };
    expect(holderText(holder)).to.equal('run-1/ci-7/42');
    expect(holderText({ ...holder, url: 'https://x/y' })).to.equal('run-1/ci-7/42/https://x/y');
  });

  it('is read back in words, also where somebody else has written it', () => {
    expect(describeHolder('run-1/ci-7/42/https://x/y')).to.equal('run run-1 (process 42 on host ci-7, https://x/y)');
    expect(describeHolder('recover-1/ci-7/42')).to.equal('recover-1 (process 42 on host ci-7)');
    expect(describeHolder('dead-man-1/pod/1')).to.equal('dead-man-1 (process 1 on host pod)');
    expect(describeHolder('some other controller')).to.equal('some other controller');
    expect([holderId('run-1/ci-7/42'), holderId('odd')]).to.deep.equal(['run-1', 'odd']);
  });

  it('is told to whoever wants the cluster with a way on that works: a freeze stops a run, and no recovery', async () => {
    const ways = {
      'run-1/a/1': 'faultline-freeze',
      'recover-1/a/1': 'and try again',
      'dead-man-1/a/1': 'and try again',
    };
    for (const [holder, says] of Object.entries(ways)) {
      const [cluster, clock, stop] = [new FakeCluster(), virtualClock(), new AbortController().signal];
      const living = new ClusterLease(cluster, 'default', holder, clock);
      await living.take({ stop, onWatch: () => {} });
      living.keep(() => {});
      const taking = new ClusterLease(cluster, 'default', 'run-2/b/2', clock).take({ stop, onWatch: () => {} });
      const error = (await taking.catch((reason: unknown) => reason)) as FaultlineError;
      const hint = `${error.hint}`;
      expect([hint.includes(says), hint.includes('freeze')]).to.deep.equal([true, says === 'faultline-freeze']);
      await living.release();
    }
    const hints = ['run-1/a/1', 'recover-1/a/1'].map((holder) => heldHint(holder, 'Wait', 'kubectl create'));
    expect(hints).to.deep.equal([
      'Wait, stop it where it runs, or freeze the cluster, which makes it undo its faults: kubectl create',
      'Wait, and try again: it undoes what a run has left, and tells what it could not',
    ]);
  });
});
