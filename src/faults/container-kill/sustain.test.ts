import { expect } from 'chai';
import { FaultlineError } from '../../model/errors.ts';
import { KINDS, type KubeObject } from '../../model/kubernetes.ts';
import { virtualClock } from '../../run/testing/virtual-clock.ts';
import type { FakeCluster } from '../testing/fake-cluster.ts';
import { fakeContext, fakeSystem } from '../testing/fake-system.ts';
import { errorOf, planWith } from '../testing/steps.ts';
import { containerKill } from './index.ts';

type Container = { restartCount: number; state: object };
const containerIn = (cluster: FakeCluster): Container => {
  const pod = cluster.all(KINDS.pod).find(({ metadata }) => metadata.name?.startsWith('mockb-ap-northeast-1a'));
  const { containerStatuses } = (pod as KubeObject).status as unknown as { containerStatuses: Container[] };
  return containerStatuses[0] as Container;
};

/** Keeps a kill every five seconds up for `ms`; returns what went wrong, and how many pods each round hit. */
async function keepUp(cluster: FakeCluster, ms: number): Promise<{ error: string; rounds: number[] }> {
  const plan = await planWith(containerKill, cluster, { every: 5_000 });
  const ending = new AbortController();
  const rounds: number[] = [];
  const clock = virtualClock();
  const onAffected = (pods: readonly unknown[]) => void rounds.push(pods.length);
  const context = { ...fakeContext(cluster, ending.signal), clock, now: () => clock.now(), onAffected };
  const sustaining = errorOf(containerKill.sustain?.(plan, context));
  await clock.sleep(ms);
  ending.abort();
  return { error: await sustaining, rounds };
}

describe('containerKill every so often', () => {
  it('kills the container that runs then, on time, and says whom', async () => {
    const cluster = fakeSystem();
    expect(await keepUp(cluster, 12_000)).to.deep.equal({ error: 'none', rounds: [1, 1] });
    expect(containerIn(cluster).restartCount).to.equal(2);
  });

  it('leaves alone a container that waits for its restart', async () => {
    const cluster = fakeSystem();
    cluster.after = ({ isWrite }) => {
      if (isWrite) containerIn(cluster).state = { waiting: { reason: 'CrashLoopBackOff' } };
    };
    expect(await keepUp(cluster, 17_000)).to.deep.equal({ error: 'none', rounds: [1] });
    expect(cluster.writes).to.equal(1);
  });

  it('takes a container that has begun anew in between for one that is gone without it', async () => {
    const cluster = fakeSystem();
    cluster.before = ({ verb, subresource }) => {
      if (verb === 'get' && subresource === undefined) containerIn(cluster).restartCount += 10;
    };
    expect((await keepUp(cluster, 7_000)).error).to.equal('none');
    expect(cluster.writes).to.equal(0);
  });

  it('says that a round could not be made when the API takes none', async () => {
    const cluster = fakeSystem();
    cluster.before = ({ subresource }) => {
      if (subresource === 'exec') throw new FaultlineError('KUBE_API', '503 no');
    };
    expect((await keepUp(cluster, 30_000)).error).to.match(/round 2 could not be made: .*503 no/);
  });
});
