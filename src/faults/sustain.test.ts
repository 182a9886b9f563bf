import { expect } from 'chai';
import { FaultlineError } from '../model/errors.ts';
import type { Json } from '../model/scenario.ts';
import { virtualClock } from '../run/testing/virtual-clock.ts';
import { faultKind } from './index.ts';
import { type FakeCluster, fakeContext, fakeSystem, readyPod } from './testing/fake-cluster.ts';

async function messageOfError(promise: Promise<unknown>): Promise<string> {
  return promise.then(
    () => 'none',
    (error: unknown) => (error instanceof Error ? error.message : String(error)),
  );
}

describe('podKill every so often', () => {
  const kind = faultKind('podKill');
  const plan = (cluster: FakeCluster, spec: { readonly [key: string]: Json }) =>
    kind.plan({ name: 'kill', spec: { cluster: 'tokyo', namespace: 'default', ...spec } }, fakeContext(cluster));

  it('kills again and again until the signal', async () => {
    const cluster = fakeSystem();
    const planned = await plan(cluster, { selector: { app: 'mockb' }, count: 1, every: '5s' });
    const ending = new AbortController();
    const hit: string[] = [];
    const context = {
      ...fakeContext(cluster, ending.signal),
      onAffected: (pods: readonly { pod: string }[]) => {
        hit.push(...pods.map((pod) => pod.pod));
        if (hit.length === 2) ending.abort();
      },
    };
    await kind.sustain?.(planned, context);
    expect(hit).to.have.length(2);
  });

  /** Kills every five seconds for `ms`; returns what went wrong, and whom each round hit. */
  async function keepUp(cluster: FakeCluster, ms: number): Promise<{ error: string; rounds: string[] }> {
    const planned = await plan(cluster, { selector: { app: 'mockb' }, count: 1, every: '5s' });
    const ending = new AbortController();
    const rounds: string[] = [];
    const clock = virtualClock();
    const context = {
      ...fakeContext(cluster, ending.signal),
      clock,
      now: () => clock.now(),
      onAffected: (pods: readonly { pod: string }[]) => {
        rounds.push(pods.map(({ pod }) => pod).join());
        cluster.add(readyPod('mockb-ap-northeast-1a', 'node-ap-northeast-1a', `r${rounds.length}`, {}));
      },
    };
    const sustaining = kind.sustain?.(planned, context).then(
      () => 'none',
      (error) => String(error),
    );
    await clock.sleep(ms);
    ending.abort();
    return { error: (await sustaining) ?? 'none', rounds };
  }

  it('makes a round again that the API server did not take, and kills nobody else for it', async () => {
    const cluster = fakeSystem();
    cluster.cut = { at: 2, when: 'before' };
    const { error, rounds } = await keepUp(cluster, 27_000);
    expect(error).to.equal('none');
    expect(rounds).to.have.length(5);
    expect(cluster.writes).to.equal(6);
  });

  it('says that it stalled when a round cannot be made in time, and at the end when one is missing', async () => {
    for (const downFor of [60_000, 2_500]) {
      const cluster = fakeSystem();
      const remove = cluster.delete.bind(cluster);
      let tries = 0;
      cluster.delete = async (...order) => {
        tries += 1;
        if (tries > 1) throw new FaultlineError('KUBE_API', '503 no');
        await remove(...order);
      };
      const { error, rounds } = await keepUp(cluster, 10_000 + downFor);
      expect(rounds).to.have.length(1);
      expect(error).to.contain('round 3 could not be made').and.contain('503 no');
      expect(tries).to.be.within(3, 15);
    }
  });

  it('says that it stalled when an API server that is slow leaves too little time for all rounds', async () => {
    const cluster = fakeSystem();
    const clock = virtualClock();
    const list = cluster.list.bind(cluster);
    const planned = await plan(cluster, { selector: { app: 'mockb' }, count: 1, every: '1s' });
    cluster.list = async (...order) => {
      await clock.sleep(1_000);
      return list(...order);
    };
    const context = { ...fakeContext(cluster), clock, now: () => clock.now() };
    const sustaining = kind.sustain?.(planned, context) ?? Promise.resolve();
    expect(await messageOfError(sustaining)).to.match(/only 6 of 12 further rounds were made in time/);
  });
});

describe('zoneBlackhole that has to be kept up', () => {
  const kind = faultKind('zoneBlackhole');
  const planned = (cluster: FakeCluster) => {
    const spec = { cluster: 'tokyo', zone: 'ap-northeast-1a', namespaces: ['default'] };
    return kind.plan({ name: 'silent', spec }, fakeContext(cluster));
  };

  it('goes on over an API server that is away for a moment, and says so when it stays away', async () => {
    for (const [errors, wanted] of [
      [3, 'none'],
      [1_000, '503 no'],
    ] as const) {
      const cluster = fakeSystem();
      const plan = await planned(cluster);
      await kind.inject(plan, fakeContext(cluster));
      cluster.add(readyPod('mockb-ap-northeast-1a', 'node-ap-northeast-1a', 'later', {}));
      const list = cluster.list.bind(cluster);
      let left: number = errors;
      cluster.list = async (...order) => {
        if (left-- > 0) throw new FaultlineError('KUBE_API', '503 no');
        return list(...order);
      };
      const ending = new AbortController();
      const context = { ...fakeContext(cluster, ending.signal), onAffected: () => ending.abort() };
      expect(await messageOfError(kind.sustain?.(plan, context) ?? Promise.resolve())).to.equal(wanted);
    }
  });
});
