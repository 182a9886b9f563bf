import { expect } from 'chai';
import { FaultlineError } from '../../model/errors.ts';
import { KINDS, type KubeObject } from '../../model/kubernetes.ts';
import type { Target } from '../../model/target.ts';
import { BenchRun, SWAP } from '../testing/bench-run.ts';
import { DeadManHost } from '../testing/dead-man-host.ts';

const TARGET: Target = {
  name: 'bench',
  namespaces: ['default'],
  observe: { namespaces: ['default'] },
  clusters: [],
  deadMan: { image: 'registry.example/faultline:1', serviceAccount: 'faultline-dead-man' },
};
const NAME = 'faultline-dead-man-20261122t090000z-test';

/** A run whose dead-man somebody meets with `act` in the hold; it has the Job of it as it is stored. */
async function met(act: (bench: BenchRun, job: KubeObject) => void, target = TARGET) {
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

  it('is not looked for in a run that goes without', async () => {
    const { deadMan: _, ...without } = TARGET;
    let looks = 0;
    const bench = new BenchRun();
    bench.cluster.before = ({ kind }) => {
      if (kind === KINDS.job.kind) looks++;
    };
    expect([await bench.run([SWAP], without), looks]).to.deep.equal([{ status: 'completed' }, 0]);
  });
});
