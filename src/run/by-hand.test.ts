import { expect } from 'chai';
import { faultKind, kindsReaching } from '../faults/index.ts';
import { FaultlineError } from '../model/errors.ts';
import type { Outside } from '../model/ports.ts';
import { toldByHand } from './by-hand.ts';
import { isClean, recoverCluster } from './recover.ts';
import { asked, BenchRun, SWAP } from './testing/bench-run.ts';
import { recoverPorts } from './testing/recover-ports.ts';
import { virtualClock } from './testing/virtual-clock.ts';

const BY_HAND = 'cd /drills && off';
const HOOK = asked({
  name: 'nlb',
  kind: 'hook',
  afterMs: 0,
  spec: {
    ...{ cluster: 'tokyo', namespace: 'default', hits: { app: 'mockb' }, effect: 'degrades', limit: 30_000 },
    ...{ inject: { command: ['on'] }, undo: { command: ['off'] }, probe: { command: ['look'] } },
  },
});

/** A run with a hook and a swapped image, whose API does not answer any more from its undo on. */
async function unanswered() {
  const bench = new BenchRun();
  bench.kinds = kindsReaching(bench.cluster.outside, faultKind);
  bench.onEvent = (event) => {
    if (event.type !== 'phase-start' || event.phase !== 'undo') return;
    bench.cluster.before = ({ kind }) => {
      if (kind !== 'Outside') throw new FaultlineError('TARGET_UNREACHABLE', 'it does not answer');
    };
  };
  await bench.run([SWAP, HOOK]);
  return bench;
}

describe('a fault outside of its cluster that was not undone', () => {
  it('is told with the way to undo it by hand, in the history of its run and among what is left', async () => {
    const bench = await unanswered();
    const failed = bench.events.flatMap((event) =>
      event.type === 'fault' && event.step === 'undo-failed' ? [[event.fault, event.commands]] : [],
    );
    const recover = 'faultline recover --run 20261122t090000z-test';
    expect(failed)
      .to.deep.include(['nlb', [BY_HAND, recover]])
      .and.to.deep.include(['swap', [recover]]);
    const left = bench.events.flatMap((event) => (event.type === 'leftovers' ? event.objects : []));
    const byHand = { ref: 'fault nlb, outside of its cluster', command: BY_HAND };
    expect(left.filter(({ ref }) => ref.startsWith('fault '))).to.deep.equal([byHand]);
  });

  it('is told so by a recovery that does not come through either, unless somebody else has planned it', async () => {
    const bench = await unanswered();
    const plans = bench.entries.flatMap((entry) => (entry.state === 'intent' ? [entry.plan] : []));
    bench.cluster.before = ({ kind }) => {
      if (kind === 'Job') throw new FaultlineError('TARGET_UNREACHABLE', 'it does not answer');
    };
    const seal: Outside['seal'] = async () => 'of another user';
    for (const [outside, commands] of [
      [bench.cluster.outside, [BY_HAND]],
      [{ ...bench.cluster.outside, seal }, []],
    ] as const) {
      const ports = { ...recoverPorts(virtualClock(), new AbortController().signal), runId: undefined };
      const kinds = kindsReaching(outside, faultKind);
      const scope = { namespaces: ['default'], lockNamespace: 'default', kinds: ['imageSwap', 'hook'].map(kinds) };
      const recovery = await recoverCluster(bench.cluster, scope, plans, { ...ports, faultKind: kinds });
      const hook = recovery.undone.find(({ fault }) => fault === 'nlb');
      expect([isClean(recovery), hook?.outcome.state]).to.deep.equal([false, 'failed']);
      expect(hook?.outcome.commands.filter((command) => !command.startsWith('faultline'))).to.deep.equal(commands);
      const isSaid = hook?.outcome.first?.startsWith('run this first, in /drills, ') ?? false;
      expect(isSaid, 'in words alone').to.equal(commands.length === 0);
    }
  });

  it('has nothing to tell once it is undone, nor where there is no way to the outside', async () => {
    const bench = await unanswered();
    const [plan] = bench.entries.flatMap((entry) =>
      entry.state === 'intent' && entry.plan.kind === 'hook' ? [entry.plan] : [],
    );
    if (plan === undefined) throw new Error('it was begun');
    const outcome = { state: 'undone', detail: 'off', objects: [], commands: [] } as const;
    expect(await toldByHand(plan, outcome, bench.kinds, {})).to.equal(outcome);
    const failed = { ...outcome, state: 'failed' } as const;
    expect(await toldByHand(plan, failed, faultKind, {})).to.deep.equal(failed);
    const told = { ...failed, commands: [BY_HAND] };
    expect(await toldByHand(plan, told, bench.kinds, {}), 'once').to.deep.equal(told);
  });
});
