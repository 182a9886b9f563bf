import { expect } from 'chai';
import type { Requirement } from '../../model/abort.ts';
import { fakePrometheus, valuesOf } from '../abort/testing/fake-prometheus.ts';
import { BenchRun, SWAP } from '../testing/bench-run.ts';

const QUIET: Requirement = { query: 'alerts', limit: { side: 'above', value: 0 } };
const READY: Requirement = { query: 'ready', limit: { side: 'below', value: 3 } };

/** A run whose queries give these values, by the query and the seconds of run time. */
function benchOf(answer: (query: string, seconds: number) => ReturnType<typeof valuesOf> | Error): BenchRun {
  const bench = new BenchRun();
  bench.require = [QUIET, READY];
  bench.prometheus = fakePrometheus((query) => answer(query, bench.clock.now() / 1e6));
  return bench;
}

async function said(bench: BenchRun): Promise<string[]> {
  const { guards } = await bench.plan([SWAP]);
  return guards.flatMap(({ guard, holds, detail }) =>
    guard === 'requirements' ? [`${holds ? 'holds' : 'refused'}: ${detail}`] : [],
  );
}

const well = (query: string) => valuesOf(query === 'alerts' ? 0 : 3);

describe('guards: requirements', () => {
  it('hold where nothing is required, and where every value keeps to its bound', async () => {
    expect(await said(new BenchRun())).to.deep.equal(['holds: holds']);
    expect(await said(benchOf(well))).to.deep.equal(['holds: holds']);
  });

  it('refuse each value past its bound, and each that nobody can tell', async () => {
    expect(await said(benchOf((query) => valuesOf(query === 'alerts' ? 1 : 2)))).to.deep.equal([
      'refused: required: alerts {zone="0"} was 1, and must be at most 0',
      'refused: required: ready {zone="0"} was 2, and must be at least 3',
    ]);
    const silent = await said(benchOf((query) => (query === 'alerts' ? valuesOf() : new Error('ECONNREFUSED'))));
    expect(silent).to.deep.equal([
      'refused: required: alerts: it has no value, and must be at most 0',
      'refused: required: ready: ECONNREFUSED, and must be at least 3',
    ]);
  });

  it('say what to do: wait for a value that is past its bound, and mend a query that tells nothing', async () => {
    const { guards } = await benchOf((query) => valuesOf(...(query === 'alerts' ? [1] : []))).plan([SWAP]);
    const hints = guards.flatMap(({ guard, hint }) => (guard === 'requirements' ? [hint] : []));
    expect(hints).to.have.length(2);
    expect(hints[0]).to.contain('Wait until it holds');
    expect(hints[1]).to.contain('Correct spec.prometheus of the targets file');
  });

  it('refuse where the target names no Prometheus to ask, but for one to practise on', async () => {
    const silent = () => Object.assign(new BenchRun(), { require: [QUIET] });
    const text = 'target bench names no Prometheus for what spec.require asks';
    expect(await said(silent())).to.deep.equal([`holds: ${text}: it is not asked on the sandbox`]);
    const real = silent();
    real.cluster.identity = async () => ({ uid: 'u', server: 'https://10.0.0.1:6443', version: 'v1.36.0' });
    expect(await said(real)).to.deep.equal([`refused: ${text}`]);
  });

  it('are asked again at the end of the baseline and right before the first fault, and refuse the run', async () => {
    for (const from of [5, 13]) {
      const bench = benchOf((query, second) => (second >= from && query === 'alerts' ? valuesOf(2) : well(query)));
      const before = bench.cluster.snapshot();
      const end = await bench.run([{ ...SWAP, afterMs: 5_000 }]);
      expect(end).to.deep.equal({
        status: 'refused',
        reason: 'nothing was injected: required: alerts {zone="0"} was 2, and must be at most 0',
      });
      expect(bench.steps()).to.deep.equal(['phase baseline', 'phase inject'].slice(0, from === 5 ? 1 : 2));
      expect(bench.cluster.snapshot()).to.deep.equal(before);
    }
  });

  it('have their values in the history, each time they are asked in the run', async () => {
    const bench = benchOf((query, second) => (query === 'ready' && second >= 13 ? valuesOf() : well(query)));
    await bench.run([{ ...SWAP, afterMs: 5_000 }]);
    const told = bench.events.flatMap((one) => (one.type === 'query-value' ? [one] : []));
    expect(told.map(({ of, index, value }) => [of, index, value])).to.deep.equal([
      ['require', 0, 0],
      ['require', 1, 3],
      ['require', 0, 0],
      ['require', 1, null],
    ]);
  });

  it('end nothing once a fault is on: that is what abort conditions are for', async () => {
    const bench = benchOf((query, second) => (second >= 11 && query === 'alerts' ? valuesOf(2) : well(query)));
    expect(await bench.run([SWAP])).to.deep.equal({ status: 'completed' });
  });
});
