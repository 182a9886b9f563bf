import { expect } from 'chai';
import type { AbortCondition } from '../../model/abort.ts';
import { abortReason } from '../../model/abort.ts';
import { FaultlineError } from '../../model/errors.ts';
import { exitCode } from '../../model/exit.ts';
import type { LoadEngine, LoadProgress } from '../../model/ports.ts';
import { alteredCluster } from '../testing/altered-cluster.ts';
import { BenchRun, BLACKHOLE, SWAP, stubEngine } from '../testing/bench-run.ts';
import { fakePrometheus, valuesOf } from './testing/fake-prometheus.ts';
import { progressOf } from './testing/seen.ts';

const SHARE: AbortCondition = { kind: 'errorShare', path: 'entry', above: 0.5, forMs: 5_000 };

/** Ten requests a second; from the given second on, and until the other, they are bad, or say nothing. */
function loadOf(bench: BenchRun, how: { readonly bad?: [number, number]; readonly silentFrom?: number }): LoadEngine {
  const requests = (from: number, to: number) => Math.round(10 * Math.max(0, to - from));
  const progress = (): LoadProgress => {
    const now = Math.min(bench.clock.now() / 1e6, how.silentFrom ?? Number.POSITIVE_INFINITY);
    const [from, to] = how.bad ?? [now, now];
    const bad = requests(from, Math.min(now, to));
    return progressOf({ 'entry@tokyo/a': { good: requests(0, now) - bad, bad } });
  };
  return { name: 'counted', start: async (order) => ({ ...(await stubEngine.start(order)), progress }) };
}

/** A run with these conditions; what it ends with, what was met, and whether the cluster is as it was. */
async function runWith(bench: BenchRun, abort?: readonly AbortCondition[]) {
  const before = bench.cluster.snapshot();
  const planned = await bench.plan([SWAP, BLACKHOLE]);
  const end = await bench.execute(
    abort === undefined ? planned : { ...planned, scenario: { ...planned.scenario, abort } },
  );
  const met = bench.events.flatMap((event) => (event.type === 'abort-condition' ? [event] : []));
  expect(bench.cluster.snapshot(), 'the cluster').to.deep.equal(before);
  return { end, met, code: exitCode({ ...end, verdict: 'inconclusive', putBack: true }) };
}

/** Seconds of run time at which a phase began. */
function began(bench: BenchRun, phase: string): number | undefined {
  return bench.events.flatMap((one) => (one.type === 'phase-start' && one.phase === phase ? [one.t / 1e6] : []))[0];
}

describe('a run whose abort condition is met', () => {
  it('has its faults undone at once, and ends with 4, when too many requests are bad', async () => {
    const bench = new BenchRun();
    bench.engine = loadOf(bench, { bad: [18, 1000] });
    const { end, met, code } = await runWith(bench, [SHARE]);
    expect(end.status).to.equal('aborted');
    expect(end.reason).to.equal(
      'stopped by its abort condition errorShare: 30 of 50 requests of entry were bad (60%) since 16.0 s after the start, limit 50% within 5s',
    );
    expect(code).to.equal(4);
    expect(met.map(({ t, ends }) => ({ t, ends }))).to.deep.equal([{ t: 21_000_000, ends: true }]);
    expect(bench.steps())
      .to.include.members(['phase hold', 'swap undone', 'silent undone'])
      .and.not.include('phase recover');
    expect(began(bench, 'undo')).to.be.below(21.6);
  });

  it('has them undone when the requests tell nothing, with no condition written', async () => {
    const bench = new BenchRun();
    bench.engine = loadOf(bench, { silentFrom: 12 });
    const { end, code } = await runWith(bench);
    expect(end.reason).to.contain('blind: no request has told anything since 12.0 s after the start, limit 20s');
    expect(code).to.equal(4);
    expect(bench.steps()).to.include.members(['swap undone', 'silent undone']).and.not.include('phase recover');
  });

  it('has them undone when the API of a cluster does not answer, as soon as it does again', async () => {
    const bench = new BenchRun();
    bench.engine = loadOf(bench, {});
    let cut = false;
    bench.seen = alteredCluster(bench.cluster, {
      get: async (ref) => {
        if (cut && ref.kind === 'Lease') throw new Error('connect ETIMEDOUT');
        return bench.cluster.get(ref);
      },
    });
    bench.onEvent = (event) => {
      if (event.type === 'phase-start' && event.phase === 'hold') cut = true;
      if (event.type === 'phase-start' && event.phase === 'undo') cut = false;
    };
    const { end, code } = await runWith(bench, [{ kind: 'noContact', forMs: 12_000 }]);
    expect(end.reason).to.match(/noContact: the API of cluster tokyo has not answered since 1\d\.\d s .*, limit 12s$/);
    expect(code).to.equal(4);
    expect(bench.steps()).to.include.members(['phase hold', 'swap undone', 'silent undone']);
  });

  it('injects nothing when it is met in the baseline', async () => {
    const bench = new BenchRun();
    bench.engine = loadOf(bench, { bad: [0, 1000] });
    const { end } = await runWith(bench, [SHARE]);
    expect(end.status).to.equal('aborted');
    expect(bench.steps()).to.deep.equal(['phase baseline']);
    expect(bench.cluster.writes).to.equal(0);
  });

  it('goes on with its undo and its way home when it is met only then, and writes it down', async () => {
    const bench = new BenchRun();
    bench.engine = loadOf(bench, { bad: [32, 60] });
    const { end, met } = await runWith(bench, [SHARE]);
    expect(end).to.deep.equal({ status: 'completed' });
    expect(began(bench, 'undo')).to.be.above(34.5);
    expect(met.map(({ condition, ends }) => ({ condition, ends }))).to.deep.equal([
      { condition: 'errorShare', ends: false },
    ]);
    expect(bench.steps().at(-1)).to.equal('phase recover');
  });

  it('names the first of several, and writes the others down', async () => {
    const bench = new BenchRun();
    bench.engine = loadOf(bench, { bad: [18, 1000] });
    const all: AbortCondition = { kind: 'errorShare', above: 0.5, forMs: 5_000 };
    const { end, met } = await runWith(bench, [SHARE, all]);
    expect(met.map(({ ends }) => ends)).to.deep.equal([true, false]);
    expect(end.reason).to.contain(abortReason(met[0] as (typeof met)[number]));
  });

  it('is no run whose load has ended, whatever is waited for then', async () => {
    const bench = new BenchRun();
    bench.engine = loadOf(bench, { silentFrom: 66 });
    bench.settle = () => bench.clock.sleep(60_000);
    const { end, met } = await runWith(bench);
    expect(end).to.deep.equal({ status: 'completed' });
    expect(met).to.deep.equal([]);
  });

  it('is no run whose drill has the errors that it expects', async () => {
    const bench = new BenchRun();
    bench.engine = loadOf(bench, { bad: [18, 20.4] });
    const { end, met } = await runWith(bench, [SHARE]);
    expect(end).to.deep.equal({ status: 'completed' });
    expect(met).to.deep.equal([]);
  });

  it('is no run whose generator stood still, as far as it tells', async () => {
    const bench = new BenchRun();
    const { start } = loadOf(bench, { bad: [18, 23] });
    bench.engine = {
      name: 'still',
      start: (order) => {
        void bench.clock.sleep(20_500).then(() => order.onStall?.({ from: 18_000_000, to: 20_500_000 }));
        void bench.clock.sleep(23_000).then(() => order.onStall?.({ from: 20_500_000, to: 23_000_000 }));
        return start(order);
      },
    };
    expect((await runWith(bench, [SHARE])).end).to.deep.equal({ status: 'completed' });
  });

  it('is no run whose sandbox stood still', async () => {
    const bench = new BenchRun();
    bench.engine = loadOf(bench, { bad: [18, 21] });
    bench.hearBlind = (listen) => {
      void bench.clock.sleep(20_400).then(() => listen({ from: 18_000_000, to: 20_400_000 }));
    };
    expect((await runWith(bench, [SHARE])).end).to.deep.equal({ status: 'completed' });
  });

  it('says what may be left where the API of a cluster never answers again', async () => {
    const bench = new BenchRun();
    bench.engine = loadOf(bench, {});
    bench.abort = [{ kind: 'noContact', forMs: 12_000 }];
    bench.onEvent = (event) => {
      if (event.type !== 'phase-start' || event.phase !== 'hold') return;
      bench.cluster.before = () => {
        throw new FaultlineError('TARGET_UNREACHABLE', 'the network is gone');
      };
    };
    const end = await bench.run([SWAP]);
    expect(end.status).to.equal('aborted');
    expect(end.reason).to.contain('noContact: the API of cluster tokyo has not answered');
    expect(bench.steps()).to.include('swap undo-requested').and.not.include('swap undone');
    const left = bench.events.flatMap((event) => (event.type === 'leftovers' ? event.objects : []));
    expect(left.map(({ command }) => command)).to.deep.equal(['faultline recover --run 20261122t090000z-test']);
  });

  describe('that asks Prometheus', () => {
    const QUERY: AbortCondition = {
      kind: 'prometheus',
      query: 'errors',
      limit: { side: 'above', value: 0.2 },
      forMs: 10_000,
    };

    /** A run whose query gives what `answer` says, by the seconds of run time. */
    async function asking(answer: (seconds: number) => ReturnType<typeof valuesOf> | Error) {
      const bench = new BenchRun();
      bench.engine = loadOf(bench, {});
      bench.abort = [QUERY];
      bench.prometheus = fakePrometheus(() => answer(bench.clock.now() / 1e6));
      const notices = () => bench.events.flatMap((one) => (one.type === 'notice' ? [one.text] : []));
      return { ...(await runWith(bench)), bench, notices: notices() };
    }

    it('has its faults undone when a value is past its limit for long enough', async () => {
      const { end, code, bench } = await asking((second) => valuesOf(second < 16 ? 0.1 : 0.5));
      expect(end.reason).to.equal(
        'stopped by its abort condition prometheus: errors {zone="0"} was 0.5 since 20.0 s after the start, limit at most 0.2, past it for 10s',
      );
      expect(code).to.equal(4);
      expect(bench.steps()).to.include.members(['phase hold', 'swap undone']).and.not.include('phase recover');
    });

    it('has them undone when nobody tells its value, which is told at once', async () => {
      const { end, code, notices } = await asking((second) =>
        second < 3 ? valuesOf(0.1) : new Error('connect ECONNREFUSED'),
      );
      expect(end.reason).to.contain('errors has told nothing (connect ECONNREFUSED) since 0.0 s after the start');
      expect(code).to.equal(4);
      expect(notices.filter((text) => text.includes('tells nothing'))).to.deep.equal([
        'prometheus: errors tells nothing: connect ECONNREFUSED',
      ]);
    });

    it('says on a target to practise on that has none that nothing is watched', async () => {
      const bench = new BenchRun();
      bench.engine = loadOf(bench, {});
      bench.abort = [QUERY];
      expect((await runWith(bench)).end).to.deep.equal({ status: 'completed' });
      const warned = bench.events.flatMap((one) =>
        one.type === 'notice' && one.level === 'warning' ? [one.text] : [],
      );
      expect(warned.join()).to.contain(
        'not watched, as the target names no Prometheus: the abort condition prometheus',
      );
    });

    it('goes on through a gap that is shorter, and says when it is over', async () => {
      const { end, notices } = await asking((second) =>
        second > 10 && second < 30 ? new Error('restarting') : valuesOf(0.1),
      );
      expect(end).to.deep.equal({ status: 'completed' });
      expect(notices).to.include('prometheus: errors tells something again');
    });
  });
});
