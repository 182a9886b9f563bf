import { expect } from 'chai';
import { FAULT_KINDS, faultKind } from '../faults/index.ts';
import type { FaultKind } from '../model/fault.ts';
import { KINDS } from '../model/kubernetes.ts';
import { writeClusterJournal } from './cluster-journal.ts';
import { isClean, type RecoverResult, recoverCluster } from './recover.ts';
import { BenchRun, HERE, SWAP } from './testing/bench-run.ts';
import { recoveryBound } from './undo-bound.ts';

const { image: _, ...place } = SWAP.spec;
const SCALE = { ...SWAP, name: 'down', kind: 'scale', spec: { ...place, replicas: 0 } };
type Asked = { readonly kind: string; readonly verb: string; readonly namespace?: string };
const lists = ({ verb }: Asked): boolean => verb === 'list';
const ofPods = ({ kind }: Asked): boolean => kind === KINDS.pod.kind;
const isWide = ({ kind, namespace = '' }: Asked): boolean => kind === KINDS.deployment.kind && namespace === '';
const all = (): boolean => true;

/** All that is asked once somebody has asked for pods. */
function fromPods(): (request: Asked) => boolean {
  let isOn = false;
  return (request) => {
    isOn ||= ofPods(request);
    return isOn;
  };
}

type Bounded = {
  readonly result: RecoverResult | Error;
  readonly seconds: number;
  readonly said: readonly string[];
  readonly bench: BenchRun;
  /** Lets all that hangs have its answer, and time go by. */
  readonly answer: () => Promise<void>;
};

/** A recovery of a run that has died, whose requests hang once it is seen `from`, and which is told to stop then where it is. */
async function recovered(
  fault: typeof SWAP,
  isHung: (request: Asked) => boolean,
  isStopped: boolean,
  prepare: (bench: BenchRun) => void = () => {},
): Promise<Bounded> {
  const bench = new BenchRun();
  const { cluster, clock, stop } = bench;
  const run = await bench.plan([fault]);
  const context = {
    runId: run.runId,
    cluster,
    clock,
    now: () => clock.now(),
    signal: stop.signal,
    onAffected: () => {},
  };
  const plans = run.faults.map(({ plan }) => plan);
  await writeClusterJournal(cluster, 'default', run.runId, plans);
  for (const { kind, plan } of run.faults) await kind.inject(plan, context);
  const hung = Promise.withResolvers<void>();
  const said: string[] = [];
  let began = clock.now();
  cluster.pause = (request) => {
    if (!isHung(request)) return undefined;
    if (isStopped && !stop.signal.aborted) {
      began = clock.now();
      stop.abort({ kind: 'signal', signal: 'SIGINT' });
    }
    return hung.promise;
  };
  prepare(bench);
  const { over, release } = recoveryBound(stop.signal, clock);
  const ports = {
    clock,
    faultKind: bench.kinds,
    runId: undefined,
    signal: stop.signal,
    over,
    holder: 'recover-1/bench/1',
  };
  const scope = { namespaces: ['default'], lockNamespace: 'default', kinds: FAULT_KINDS, isWide: true };
  const result = await recoverCluster(cluster, scope, plans, {
    ...ports,
    recoverFrom: HERE,
    say: (text) => said.push(text),
  })
    .catch((error: Error) => error)
    .finally(release);
  const seconds = (clock.now() - began) / 1e6;
  const answer = async () => {
    hung.resolve();
    cluster.pause = () => {};
    await clock.sleep(600_000);
  };
  return { result, seconds, said, bench, answer };
}

describe('the bound of a recovery', () => {
  for (const fault of [SWAP, SCALE]) {
    for (const isStopped of [true, false]) {
      const when = isStopped ? '90 s after a signal' : 'after 10 min';

      it(`ends it ${when} where pods are not told of, and says what it has put back: ${fault.kind}`, async () => {
        const { result, seconds, said, bench } = await recovered(fault, ofPods, isStopped);
        const most = isStopped ? 90 : 600;
        expect(seconds).to.be.within(most, most + 6);
        if (result instanceof Error) throw result;
        expect(isClean(result)).to.equal(false);
        const [{ outcome } = { outcome: undefined }] = result.undone;
        expect(outcome).to.include({ state: 'failed' });
        expect(outcome?.detail)
          .to.contain(isStopped ? 'given up 90 s after the recovery was told to stop' : 'given up 10 min after')
          .and.contain(
            'done: patch Deployment default/mockb-ap-northeast-1a; not seen in the pods; no answer to: list Pod',
          );
        expect(said[0]).to.match(/^cluster tokyo: undoing, 15 s after .*no answer to: list Pod/);
        expect(said.length).to.equal(Math.floor((bench.clock.now() - 1) / 15e6));
        expect(result.beyond, 'nobody was asked what it allows').to.equal(undefined);
        expect(result.problems.join()).to.contain('nobody could look through all other namespaces: given up');
        const lease = bench.cluster.all(KINDS.lease)[0]?.spec as { holderIdentity?: string } | undefined;
        expect(lease?.holderIdentity ?? '', 'the lease is given back').to.equal('');
      });
    }
  }

  it('says the last error that was met, also to those who wait', async () => {
    const { result, said } = await recovered(
      SWAP,
      () => false,
      false,
      (bench) => {
        bench.cluster.before = ({ kind }) => {
          if (kind === KINDS.service.kind && bench.clock.now() < 100e6) throw new Error('list services: 403 no');
        };
        const undo: FaultKind['undo'] = async (_, { cluster, clock }) => {
          await cluster.list(KINDS.service, { namespace: 'default' }).catch(() => undefined);
          await clock.sleep(170_000);
          throw new Error('it did not come');
        };
        bench.kinds = (kind) => ({ ...faultKind(kind), undo });
      },
    );
    if (result instanceof Error) throw result;
    expect(result.undone[0]?.outcome.detail).to.match(/given up 10 min after .*last error: it did not come\)$/);
    expect(said[0]).to.match(/^cluster tokyo: undoing, 15 s after .*; last error: list services: 403 no$/);
  });

  it('says that it looks through all other namespaces, and for how long', async () => {
    const { said } = await recovered(SWAP, isWide, false);
    expect(said[0]).to.match(/^cluster tokyo: looking through all other namespaces, 15 s after /);
  });

  for (const [what, hung] of Object.entries({
    lists: () => lists,
    everything: () => all,
    'all from the undo on': fromPods,
  })) {
    it(`is the end of it: who answers later is asked for nothing more (${what})`, async () => {
      const isHung = hung();
      const { result, seconds, bench, answer } = await recovered(SWAP, isHung, true);
      expect(seconds).to.be.within(90, 96);
      expect(result instanceof Error || !isClean(result)).to.equal(true);
      const { requests } = bench.cluster;
      await answer();
      expect(bench.cluster.requests).to.equal(requests);
    });
  }
});
