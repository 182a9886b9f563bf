import { expect } from 'chai';
import { FakeCluster } from '../faults/testing/fake-cluster.ts';
import { KINDS } from '../model/kubernetes.ts';
import { livesIn } from './lives.ts';
import { virtualClock } from './testing/virtual-clock.ts';

const HOLDER = 'run-1/ci-7/42';

/** Looks at a lease that is renewed, or given back, after so many seconds. */
async function looked({ changeAt = 0, to = HOLDER, runId = 'run-1', over = AbortSignal.abort() } = {}) {
  const cluster = new FakeCluster();
  const clock = virtualClock();
  const write = (holderIdentity: string) =>
    cluster.put({
      ...KINDS.lease,
      metadata: { namespace: 'locks', name: 'faultline' },
      spec: { ...(holderIdentity === '' ? {} : { holderIdentity }), renewTime: `2026-11-22T09:00:00.${clock.now()}Z` },
    });
  write(HOLDER);
  if (changeAt > 0) void clock.sleep(changeAt * 1_000).then(() => write(to));
  const lives = await livesIn(cluster, 'locks', runId, { clock, over });
  return { lives, after: clock.now() / 1_000_000, writes: cluster.writes };
}

describe('whether a run holds a cluster and lives', () => {
  const later = new AbortController().signal;

  it('is seen as soon as its lease is renewed, or given back', async () => {
    for (const to of [HOLDER, '']) {
      expect(await looked({ changeAt: 9, to, over: later })).to.deep.equal({ lives: true, after: 10, writes: 0 });
    }
  });

  it('is not so of one that is silent for as long as a lease lasts, nor of another run', async () => {
    expect(await looked({ over: later })).to.deep.equal({ lives: false, after: 60, writes: 0 });
    expect(await looked({ runId: 'run-2', changeAt: 1, over: later })).to.deep.equal({
      lives: false,
      after: 0,
      writes: 0,
    });
  });

  it('is not waited for where nobody has time', async () => {
    expect(await looked({ changeAt: 1 })).to.deep.equal({ lives: false, after: 0, writes: 0 });
  });
});
