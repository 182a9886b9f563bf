import { expect } from 'chai';
import { FaultlineError } from '../../model/errors.ts';
import { KINDS, type KubeObject } from '../../model/kubernetes.ts';
import { BenchRun, BLACKHOLE } from '../testing/bench-run.ts';

const NAME = 'faultline-20261122t090000z-test-silent';

/** A run whose fault has an expiry, whose Job somebody meets with `act` in the hold. */
async function met(act: (bench: BenchRun, job: KubeObject) => void) {
  const bench = new BenchRun();
  const before = bench.cluster.snapshot();
  bench.onEvent = (event) => {
    if (event.type !== 'phase-start' || event.phase !== 'hold') return;
    for (const job of bench.cluster.all(KINDS.job)) act(bench, job);
  };
  const end = await bench.run([BLACKHOLE]);
  expect(bench.cluster.snapshot()).to.deep.equal(before);
  return { bench, end };
}

const put = ({ cluster }: BenchRun, object: KubeObject, change: object) =>
  void cluster.add({ ...object, spec: { ...(object.spec as object), ...change } });

/** As `kubectl delete --cascade=orphan`: the Job goes, and what it owned stays without an owner. */
function orphan({ cluster }: BenchRun): void {
  cluster.objects.delete(`Job default/${NAME}`);
  for (const policy of cluster.all(KINDS.networkPolicy)) {
    cluster.add({ ...policy, metadata: { ...policy.metadata, ownerReferences: [] } });
  }
}

describe('an expiry that is lost while its run lives', () => {
  const cases: Readonly<Record<string, (bench: BenchRun, job: KubeObject) => void>> = {
    [`Job default/${NAME} was deleted`]: orphan,
    [`Job default/${NAME} is suspended`]: (bench, job) => put(bench, job, { suspend: true }),
    [`Job default/${NAME} has activeDeadlineSeconds 86400 in place of 900`]: (bench, job) =>
      put(bench, job, { activeDeadlineSeconds: 86_400 }),
    [`NetworkPolicy default/${NAME} is not owned by its Job ${NAME}`]: (bench, job) => {
      orphan(bench);
      bench.cluster.add({ ...job, metadata: { ...job.metadata, uid: 'another' } });
    },
    'cannot be looked at: 403 no': ({ cluster }) => {
      cluster.before = ({ verb, kind }) => {
        const isUndo = cluster.all(KINDS.networkPolicy).length === 0;
        if (verb === 'get' && kind === KINDS.job.kind && !isUndo)
          throw new FaultlineError('PERMISSION_DENIED', '403 no');
      };
    },
  };
  for (const [what, act] of Object.entries(cases)) {
    it(`ends the run at once, undone, and says so: ${what.replaceAll(NAME, '…')}`, async () => {
      const { bench, end } = await met(act);
      const said = `cluster tokyo: the expiry of fault silent is lost: ${what}; it would stay on if this run died`;
      expect(end).to.deep.equal({ status: 'aborted', reason: `stopped: ${said}` });
      const notices = bench.events.flatMap((event) =>
        event.type === 'notice' && event.level === 'error' ? [event.text] : [],
      );
      expect(notices).to.include(said);
      const at = (step: string) => bench.events.find((event) => event.type === 'fault' && event.step === step)?.t ?? 0;
      expect((at('undo-requested') - at('acknowledged')) / 1e6, 'seconds').to.be.below(8);
      expect(bench.steps()).to.include('silent undone').and.to.not.include('phase recover');
    });
  }

  it('is not taken for lost where the API does not answer, nor where the fault is off', async () => {
    const silent = await met(({ cluster }) => {
      cluster.before = ({ verb, kind }) => {
        const isOn = cluster.all(KINDS.networkPolicy).length > 0;
        if (verb === 'get' && kind === KINDS.job.kind && isOn) {
          throw new FaultlineError('TARGET_UNREACHABLE', 'no answer');
        }
      };
    });
    expect(silent.end).to.deep.equal({ status: 'completed' });
    const off = await met(({ cluster }) => {
      cluster.objects.delete(`Job default/${NAME}`);
      cluster.objects.delete(`NetworkPolicy default/${NAME}`);
    });
    expect(off.end.reason ?? '').to.not.contain('the expiry');
  });
});

describe('a fault whose cluster stores a Job that would never end it', () => {
  it('is not injected, and the run says what is stored and what to do', async () => {
    const bench = new BenchRun();
    const before = bench.cluster.snapshot();
    bench.cluster.admit = (object, isDryRun) =>
      object.kind === KINDS.job.kind && !isDryRun
        ? { ...object, spec: { ...(object.spec as object), suspend: true } }
        : object;
    const { status, reason } = await bench.run([BLACKHOLE]);
    expect(status).to.equal('aborted');
    expect(reason)
      .to.contain(`fault silent could not be injected: cluster tokyo: Job default/${NAME} is suspended`)
      .and.contain('what was created was taken away at once')
      .and.contain('kubectl get mutatingwebhookconfigurations')
      .and.contain('managedJobsNamespaceSelector');
    expect(bench.cluster.snapshot()).to.deep.equal(before);
  });
});
