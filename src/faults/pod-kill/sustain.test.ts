import { expect } from 'chai';
import { FaultlineError } from '../../model/errors.ts';
import { virtualClock } from '../../run/testing/virtual-clock.ts';
import type { FakeCluster } from '../testing/fake-cluster.ts';
import { readyPod } from '../testing/fake-controllers.ts';
import { fakeContext, fakeSystem } from '../testing/fake-system.ts';
import { errorOf, planWith } from '../testing/steps.ts';
import { podKill } from './index.ts';

const ALL = { deployment: undefined, selector: { app: 'mockb' } };

describe('podKill every so often', () => {
  it('kills nobody again without `every`', async () => {
    const cluster = fakeSystem();
    const plan = await planWith(podKill, cluster, { ...ALL, every: undefined });
    await podKill.sustain?.(plan, fakeContext(cluster));
    expect(cluster.writes).to.equal(0);
  });

  it('kills again and again until the signal, on time, and says whom', async () => {
    const cluster = fakeSystem();
    const plan = await planWith(podKill, cluster, { ...ALL, every: 5_000 });
    const ending = new AbortController();
    const clock = virtualClock();
    const hit: [number, number][] = [];
    const context = {
      ...fakeContext(cluster, ending.signal),
      clock,
      now: () => clock.now(),
      onAffected: (pods: readonly unknown[]) => {
        hit.push([clock.now() / 1000, pods.length]);
        if (hit.length === 3) ending.abort();
      },
    };
    await podKill.sustain?.(plan, context);
    expect(hit).to.deep.equal([
      [5_000, 1],
      [10_000, 1],
      [15_000, 1],
    ]);
  });

  it('kills one pod each round where an older journal names no count', async () => {
    const cluster = fakeSystem();
    const plan = await planWith(podKill, cluster, { ...ALL, every: 5_000 });
    const old = { ...plan, data: { ...(plan.data as object), count: null } };
    const { rounds } = await keepUp(cluster, 7_000, old);
    expect(rounds.map((round) => round.split(',').length)).to.deep.equal([1]);
  });

  it('says nothing of a round that finds nobody, and goes on', async () => {
    const cluster = fakeSystem();
    const plan = await planWith(podKill, cluster, { ...ALL, every: 5_000 });
    cluster.objects.clear();
    const { error, rounds } = await keepUp(cluster, 12_000, plan);
    expect([error, rounds]).to.deep.equal(['none', []]);
  });

  it('leaves a victim to its fate that was replaced by another of its name in the meantime', async () => {
    const cluster = fakeSystem();
    cluster.before = ({ verb }) => {
      if (verb === 'create') throw new FaultlineError('FAULT_CONFLICT', 'another UID');
    };
    const { error, rounds } = await keepUp(cluster, 12_000);
    expect(error).to.equal('none');
    expect(rounds).to.have.length(2);
  });

  /** Kills every five seconds for `ms`; returns what went wrong, and whom each round hit. */
  async function keepUp(
    cluster: FakeCluster,
    ms: number,
    plan?: Awaited<ReturnType<typeof planWith>>,
  ): Promise<{ error: string; rounds: string[] }> {
    const planned = plan ?? (await planWith(podKill, cluster, { ...ALL, every: 5_000 }));
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
    const sustaining = errorOf(podKill.sustain?.(planned, context));
    await clock.sleep(ms);
    ending.abort();
    return { error: await sustaining, rounds };
  }

  it('makes a round again that the API server did not take, and kills nobody else for it', async () => {
    const cluster = fakeSystem();
    cluster.before = () => {
      if (cluster.writes === 2) throw new FaultlineError('TARGET_UNREACHABLE', 'cut off');
    };
    const { error, rounds } = await keepUp(cluster, 27_000);
    expect(error).to.equal('none');
    expect(rounds).to.have.length(5);
    expect(cluster.writes).to.equal(6);
  });

  it('says that it stalled when a round cannot be made in time, and at the end when one is missing', async () => {
    for (const downFor of [60_000, 2_500]) {
      const cluster = fakeSystem();
      let tries = 0;
      cluster.before = ({ verb }) => {
        if (verb !== 'create') return;
        tries += 1;
        if (tries > 1) throw new FaultlineError('KUBE_API', '503 no');
      };
      const { error, rounds } = await keepUp(cluster, 10_000 + downFor);
      expect(rounds).to.have.length(1);
      expect(error).to.contain('KUBE_API: round 3 could not be made: 503 no');
      expect(tries).to.be.within(3, 15);
    }
  });

  it('asks for no round that was due in the last second', async () => {
    const cluster = fakeSystem();
    const remove = cluster.delete.bind(cluster);
    const clock = virtualClock();
    cluster.delete = async (...order) => {
      await clock.sleep(50);
      await remove(...order);
    };
    const { error, rounds } = await keepUp(cluster, 10_000);
    expect(error).to.equal('none');
    expect(rounds).to.have.length(1);
  });

  it('gives a round that begins late only the rest of its time', async () => {
    const cluster = fakeSystem();
    const clock = virtualClock();
    const planned = await planWith(podKill, cluster, { ...ALL, every: 1_000 });
    cluster.pause = ({ verb }) => (verb === 'list' && cluster.writes === 0 ? clock.sleep(2_000) : undefined);
    cluster.before = ({ verb }) => {
      if (verb === 'create' && cluster.writes > 1) throw new FaultlineError('KUBE_API', '503 no');
    };
    const context = { ...fakeContext(cluster), clock, now: () => clock.now() };
    expect(await errorOf(podKill.sustain?.(planned, context))).to.contain('round 3 could not be made: 503 no');
    // It was due at 2 s, began at 5 s, and the last of its tries before 7 s fails with it.
    expect(clock.now() / 1000).to.equal(7_500);
  });

  it('says that it stalled when an API server that is slow leaves too little time for all rounds', async () => {
    const cluster = fakeSystem();
    const clock = virtualClock();
    const list = cluster.list.bind(cluster);
    const planned = await planWith(podKill, cluster, { ...ALL, every: 1_000 });
    cluster.list = async (...order) => {
      await clock.sleep(1_000);
      return list(...order);
    };
    const context = { ...fakeContext(cluster), clock, now: () => clock.now() };
    expect(await errorOf(podKill.sustain?.(planned, context))).to.contain(
      'KUBE_API: only 6 of 12 further rounds were made in time',
    );
  });
});
