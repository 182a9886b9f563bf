import { expect } from 'chai';
import { faultKind } from '../faults/index.ts';
import { FaultlineError } from '../model/errors.ts';
import type { FaultKind } from '../model/fault.ts';
import type { FaultSpec } from '../model/scenario.ts';
import { BenchRun, BLACKHOLE, SWAP } from './testing/bench-run.ts';

const at = (spec: FaultSpec, afterMs: number): FaultSpec => ({ ...spec, afterMs });

/** A bench in which the proof of a kind takes this long; it says when one was told to stop, and takes `lastMs` more then. */
function slowProofs(times: Readonly<Record<string, number>>, lastMs = 0) {
  const bench = new BenchRun();
  const cut: string[] = [];
  bench.kinds = (name): FaultKind => ({
    ...faultKind(name),
    prove: async (plan, context) => {
      await context.clock.sleep(times[name] ?? 0, context.signal);
      if (context.signal.aborted) {
        cut.push(plan.fault);
        await context.clock.sleep(lastMs);
      }
      return { proven: !context.signal.aborted, observed: true, detail: 'seen' };
    },
  });
  return { bench, cut };
}

/** The steps of the inject phase with their times in it, in milliseconds. */
function stepsOf(bench: BenchRun): [string, number][] {
  const start = bench.events.find((event) => event.type === 'phase-start' && event.phase === 'inject')?.t ?? 0;
  const end = bench.events.find((event) => event.type === 'phase-end' && event.phase === 'inject')?.t ?? 0;
  return bench.events.flatMap((event): [string, number][] =>
    event.type === 'fault' && event.t <= end && !event.step.startsWith('undo')
      ? [[`${event.fault} ${event.step}`, (event.t - start) / 1000]]
      : [],
  );
}

describe('the injection of several faults', () => {
  it('does not wait for the proof of a fault before those that come at the same time', async () => {
    const { bench } = slowProofs({ imageSwap: 3_000, zoneNetworkPolicy: 1_000 });
    await bench.run([at(SWAP, 0), at(BLACKHOLE, 0)]);
    expect(stepsOf(bench)).to.deep.equal([
      ['swap requested', 0],
      ['swap acknowledged', 0],
      ['silent requested', 0],
      ['silent acknowledged', 0],
      ['silent proven', 1_000],
      ['swap proven', 3_000],
    ]);
  });

  it('waits for the proof of a fault before one that comes later', async () => {
    const { bench } = slowProofs({ imageSwap: 3_000, zoneNetworkPolicy: 1_000 });
    await bench.run([at(SWAP, 0), at(BLACKHOLE, 2_000)]);
    expect(stepsOf(bench).map(([step, ms]) => `${step} ${ms}`)).to.deep.equal([
      'swap requested 0',
      'swap acknowledged 0',
      'swap proven 3000',
      'silent requested 3000',
      'silent acknowledged 3000',
      'silent proven 4000',
    ]);
  });

  it('waits for the proof of each that has a time of its own, though the next one has the same', async () => {
    const { bench } = slowProofs({ imageSwap: 3_000 });
    await bench.run([at(SWAP, 1_000), at(BLACKHOLE, 1_000)]);
    expect(stepsOf(bench).map(([step, ms]) => `${step} ${ms}`)).to.include.members([
      'swap requested 1000',
      'swap proven 4000',
      'silent requested 4000',
    ]);
  });

  it('ends the proofs of the others when one cannot be injected, and is over when they are', async () => {
    const { bench, cut } = slowProofs({ imageSwap: 3_600_000 }, 300);
    const { kinds } = bench;
    bench.kinds = (name) =>
      name === 'zoneNetworkPolicy' ? { ...kinds(name), inject: () => Promise.reject(new Error('no')) } : kinds(name);
    const end = await bench.run([at(SWAP, 0), at(BLACKHOLE, 0)]);
    expect(end.status).to.equal('failed');
    expect(end.reason).to.contain('fault silent could not be injected: no');
    expect(cut).to.deep.equal(['swap']);
    const types = bench.events.map((event) => (event.type === 'fault' ? `${event.fault} ${event.step}` : event.type));
    expect(types.indexOf('swap not-proven')).to.be.above(0).and.below(types.indexOf('silent undo-requested'));
  });

  it('says why one could not be injected, with what to do about it in its cluster', async () => {
    const bench = new BenchRun();
    Object.assign(bench.cluster, { kubectl: { context: 'staging' } });
    const hint = 'A PodDisruptionBudget holds it: kubectl get pdb -A';
    const inject = () => Promise.reject(new FaultlineError('KUBE_API', 'eviction is refused', { hint }));
    bench.kinds = (name) => ({ ...faultKind(name), inject });
    expect((await bench.run([SWAP])).reason).to.contain(
      'fault swap could not be injected: eviction is refused (A PodDisruptionBudget holds it: kubectl --context staging get pdb -A)',
    );
  });

  it('is the same as unproven where a proof fails, and says why', async () => {
    const bench = new BenchRun();
    bench.kinds = (name) => ({ ...faultKind(name), prove: () => Promise.reject(new Error('503 no')) });
    await bench.run([SWAP]);
    const proof = bench.events.find((event) => event.type === 'fault' && event.step === 'not-proven');
    expect(proof).to.deep.include({ detail: 'the proof failed: 503 no', observed: false });
    expect(bench.steps()).to.not.include('phase hold');
  });

  it('holds nothing where one of two is not proven', async () => {
    const bench = new BenchRun();
    const prove = async () => ({ proven: false, observed: false, detail: 'nothing seen' });
    bench.kinds = (name) => ({ ...faultKind(name), ...(name === 'imageSwap' ? { prove } : {}) });
    await bench.run([at(SWAP, 0), at(BLACKHOLE, 0)]);
    expect(bench.steps()).to.include.members(['swap not-proven', 'silent proven']).and.not.include('phase hold');
  });

  it('tells in the history what a fault hits later, and passes its summary on', async () => {
    const bench = new BenchRun();
    const pod = { cluster: 'tokyo', namespace: 'default', zone: 'a', workload: 'w', pod: 'w-1', ip: '' };
    bench.kinds = (name) => ({
      ...faultKind(name),
      sustain: async (_plan, { onAffected }) => onAffected([pod]),
    });
    await bench.run([SWAP]);
    const later = bench.events.find((event) => event.type === 'fault' && event.step === 'went-on');
    expect(later).to.deep.include({ fault: 'swap', affected: [pod] });
    const requested = bench.events.find((event) => event.type === 'fault' && event.step === 'requested');
    expect(requested?.type === 'fault' && requested.detail).to.contain('swap the image of Deployment');
  });

  it('keeps a fault up until its undo begins, and no longer', async () => {
    const bench = new BenchRun();
    let until = Number.NaN;
    bench.kinds = (name) => ({
      ...faultKind(name),
      sustain: async (_plan, { signal, clock }) => {
        await clock.sleep(3_600_000, signal);
        until = clock.now();
      },
    });
    await bench.run([SWAP]);
    const undo = bench.events.find((event) => event.type === 'fault' && event.step === 'undo-requested');
    expect(until).to.equal(undo?.t).and.equal(30_000_000);
  });

  it('has in the journal where the cluster is and which one it is', async () => {
    const bench = new BenchRun();
    await bench.run([SWAP]);
    const [announced, intent] = bench.entries;
    const where = {
      name: 'tokyo',
      region: 'ap-northeast-1',
      uid: 'uid-of-tokyo',
      server: 'http://127.0.0.1:1',
      kubeconfig: 'kubeconfig',
      context: 'tokyo',
      namespaces: ['default'],
      lockNamespace: 'default',
      ephemeral: false,
    };
    expect(announced).to.deep.include({ state: 'announced', runId: '20261122t090000z-test', cluster: where });
    expect(intent).to.deep.include({ state: 'intent', runId: '20261122t090000z-test', cluster: where });
  });

  /** Stops the run so long after its start. */
  function stopAt(bench: BenchRun, ms: number): void {
    void bench.clock.sleep(ms).then(() => bench.stop.abort({ kind: 'signal', signal: 'SIGTERM' }));
  }

  it('is not begun when the stop comes while the first fault waits', async () => {
    const { bench } = slowProofs({});
    stopAt(bench, 12_000);
    const end = await bench.run([at(SWAP, 8_000)]);
    expect(end).to.deep.include({ status: 'interrupted', signal: 'SIGTERM' });
    expect(bench.events.filter(({ type }) => type === 'steady-state')).to.have.length(1);
    expect(bench.entries.map(({ state }) => state)).to.deep.equal(['announced', 'released']);
    expect(bench.events.at(-1)?.t).to.equal(12_000_000);
  });

  it('that a stop ends during a proof is interrupted, and not merely unproven', async () => {
    const { bench, cut } = slowProofs({ imageSwap: 5_000 });
    stopAt(bench, 12_000);
    const end = await bench.run([at(SWAP, 0)]);
    expect(end).to.deep.include({ status: 'interrupted', signal: 'SIGTERM' });
    expect(cut).to.deep.equal(['swap']);
    expect(bench.steps().slice(-2)).to.deep.equal(['swap undo-requested', 'swap undone']);
  });

  it('goes no further when the stop comes while the second fault waits', async () => {
    const { bench } = slowProofs({});
    stopAt(bench, 12_000);
    const end = await bench.run([at(SWAP, 0), at(BLACKHOLE, 5_000)]);
    expect(end.status).to.equal('interrupted');
    expect(bench.steps()).to.include('swap undone').and.not.include('silent requested');
  });
});
