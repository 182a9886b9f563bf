import { expect } from 'chai';
import type { FakeCluster } from '../../faults/testing/fake-cluster.ts';
import { fakeSystem } from '../../faults/testing/fake-system.ts';
import { FaultlineError } from '../../model/errors.ts';
import { DEAD_MAN_LABEL, KINDS, type KubeObject } from '../../model/kubernetes.ts';
import { BenchRun, SWAP } from '../testing/bench-run.ts';
import { DeadManHost } from '../testing/dead-man-host.ts';
import { DEAD_MAN_TARGET } from '../testing/dead-man-target.ts';
import { virtualClock } from '../testing/virtual-clock.ts';
import { DeadMen } from './keep.ts';

const NAME = 'faultline-dead-man-20261122t090000z-test';

/** A run whose dead-man somebody meets with `act` in the hold; it has the Job of it as it is stored. */
async function met(act: (bench: BenchRun, job: KubeObject) => void, target = DEAD_MAN_TARGET) {
  const bench = new BenchRun();
  const { cluster } = bench;
  const before = cluster.snapshot();
  bench.seen = new DeadManHost(cluster, bench.clock).seen;
  bench.onEvent = (event) => {
    if (event.type !== 'phase-start' || event.phase !== 'hold') return;
    for (const job of cluster.all(KINDS.job)) act(bench, job);
  };
  const end = await bench.run([SWAP], target);
  const notices = bench.events.flatMap((event) =>
    event.type === 'notice' && event.level === 'error' ? [event.text] : [],
  );
  return { bench, end, notices, isBack: () => expect(cluster.snapshot()).to.deep.equal(before) };
}

describe('a dead-man that is lost while its run lives', () => {
  const put = (change: Partial<KubeObject>) => (bench: BenchRun, job: KubeObject) =>
    void bench.cluster.add({ ...job, ...change });
  const remove = (bench: BenchRun) => void bench.cluster.objects.delete(`Job default/${NAME}`);
  const deletion = '2026-11-22T00:00:00Z';
  const cases: Readonly<Record<string, (bench: BenchRun, job: KubeObject) => void>> = {
    'was deleted': remove,
    'was deleted, and is not gone yet': (bench, job) =>
      put({ metadata: { ...job.metadata, deletionTimestamp: deletion } })(bench, job),
    'was deleted, and made anew by somebody': (bench, job) =>
      put({ metadata: { ...job.metadata, uid: 'another' } })(bench, job),
    'is suspended': (bench, job) => put({ spec: { ...(job.spec as object), suspend: true } })(bench, job),
    'makes no pod (parallelism 0)': (bench, job) =>
      put({ spec: { ...(job.spec as object), parallelism: 0 } })(bench, job),
    'has ended (Failed)': put({ status: { conditions: [{ type: 'Failed', status: 'True' }] } }),
    'has ended (Complete)': put({ status: { conditions: [{ type: 'Complete', status: 'True' }] } }),
    'cannot be looked at': ({ cluster }) => {
      cluster.before = ({ verb, kind }) => {
        if (verb === 'get' && kind === KINDS.job.kind) throw new FaultlineError('PERMISSION_DENIED', '403 no');
      };
    },
  };
  for (const [what, act] of Object.entries(cases)) {
    it(`ends the run at once, undone, and says so: it ${what}`, async () => {
      const { bench, end, notices, isBack } = await met(act);
      expect(end).to.include({ status: 'aborted' });
      const said = `cluster tokyo: the dead-man is lost: Job default/${NAME} ${what.split(',')[0]}`;
      expect(end.reason)
        .to.contain(`stopped: ${said}`)
        .and.contain('nothing would put the faults back if this run died');
      expect(notices[0]).to.contain(said);
      const at = (step: string) => bench.events.find((event) => event.type === 'fault' && event.step === step)?.t ?? 0;
      expect((at('undo-requested') - at('acknowledged')) / 1e6, 'seconds').to.be.below(8);
      expect(bench.steps()).to.include('swap undone').and.to.not.include('phase recover');
      isBack();
    });
  }

  it('is not taken for lost where the API does not answer, or where it goes with what was undone', async () => {
    const { end, notices } = await met(({ cluster }) => {
      cluster.before = ({ verb, kind }) => {
        if (verb === 'get' && kind === KINDS.job.kind) throw new FaultlineError('TARGET_UNREACHABLE', 'no answer');
      };
    });
    expect([end, notices]).to.deep.equal([{ status: 'completed' }, []]);
  });

  describe('whose Job is all that is left', () => {
    const pod = (name: string, ready: 'True' | 'False'): KubeObject => ({
      ...KINDS.pod,
      metadata: { name, namespace: 'default', labels: { [DEAD_MAN_LABEL]: 'test' } },
      status: { phase: 'Running', conditions: [{ type: 'Ready', status: ready }] },
    });

    /** Looks at a dead-man for two minutes in which `at` is called with every second; what was said by then. */
    async function looked(at: (cluster: FakeCluster, second: number) => void): Promise<string[]> {
      const [cluster, clock, notices] = [fakeSystem(), virtualClock(), [] as string[]];
      cluster.add({
        ...KINDS.job,
        metadata: { name: NAME, namespace: 'default', labels: { [DEAD_MAN_LABEL]: 'test' } },
      });
      const [job] = cluster.all(KINDS.job);
      if (job === undefined) throw new Error('it was added');
      cluster.add(pod('one', 'True'));
      const deadMen = new DeadMen({
        clock,
        history: {
          now: () => clock.now(),
          append: (event) => {
            if (event.type === 'notice') notices.push(event.text);
            return { seq: 0, t: clock.now(), wall: '' };
          },
        },
      });
      deadMen.keep(cluster, job);
      for (let second = 1; second <= 120; second++) {
        await clock.sleep(1_000);
        at(cluster, second);
      }
      expect(deadMen.lost.aborted).to.equal(notices.length > 0);
      deadMen.end();
      return notices;
    }
    const gone = (cluster: FakeCluster) => void cluster.objects.delete('Pod default/one');
    const LOST = [
      /the dead-man is lost: Job \S+ has had no pod that is armed for 60 s; nothing would put the faults back/,
    ];

    const cases: Readonly<
      Record<string, [at: (cluster: FakeCluster, second: number) => void, said: readonly RegExp[]]>
    > = {
      'is lost when no pod comes': [(cluster, second) => second === 2 && gone(cluster), LOST],
      'is lost when those that come are never armed': [
        (cluster, second) => {
          gone(cluster);
          cluster.add(pod(`of-${Math.floor(second / 20)}`, 'False'));
        },
        LOST,
      ],
      'is kept when an armed one comes within a minute, time and again': [
        (cluster, second) => cluster.add(pod('one', second % 50 < 45 ? 'False' : 'True')),
        [],
      ],
      'is kept when nobody could look for longer than a minute, and the first look finds it between two pods': [
        (cluster, second) => {
          cluster.before = () => {
            if (second < 90) throw new FaultlineError('TARGET_UNREACHABLE', 'no answer');
          };
          if (second === 80) gone(cluster);
          if (second === 100) cluster.add(pod('two', 'True'));
        },
        [],
      ],
    };
    for (const [what, [at, said]] of Object.entries(cases)) {
      it(what, async () => {
        const notices = await looked((cluster, second) => void at(cluster, second));
        expect(notices).to.have.length(said.length);
        for (const [index, words] of said.entries()) expect(notices[index]).to.match(words);
      });
    }
  });

  it('is not looked for in a run that goes without', async () => {
    const { deadMan: _, ...without } = DEAD_MAN_TARGET;
    let looks = 0;
    const bench = new BenchRun();
    bench.cluster.before = ({ kind }) => {
      if (kind === KINDS.job.kind) looks++;
    };
    expect([await bench.run([SWAP], without), looks]).to.deep.equal([{ status: 'completed' }, 0]);
  });
});
