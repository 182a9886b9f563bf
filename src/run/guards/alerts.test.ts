import { expect } from 'chai';
import { type AlertObjective, firingQuery } from '../../model/alert.ts';
import { fakePrometheus, valuesOf } from '../abort/testing/fake-prometheus.ts';
import { BenchRun, SWAP } from '../testing/bench-run.ts';

const BROKEN: AlertObjective = { rule: 'Broken', labels: { zone: 'a' }, firesWithinMs: 5_000, onlyThese: false };

function benchOf(answer?: (query: string) => ReturnType<typeof valuesOf> | Error): BenchRun {
  const bench = new BenchRun();
  bench.alerts = [BROKEN];
  if (answer !== undefined) bench.prometheus = fakePrometheus(answer);
  return bench;
}

async function said(bench: BenchRun): Promise<string[]> {
  const { guards } = await bench.plan([SWAP]);
  return guards.flatMap(({ guard, holds, detail }) =>
    guard === 'alerts' ? [`${holds ? 'holds' : 'refused'}: ${detail}`] : [],
  );
}

describe('guards: alerts', () => {
  it('hold where none is asked for, and where it does not fire with its labels', async () => {
    expect(await said(new BenchRun())).to.deep.equal(['holds: holds']);
    const other = (query: string) => valuesOf(...(query === firingQuery('Broken', { zone: 'a' }) ? [] : [1]));
    expect(await said(benchOf(other))).to.deep.equal(['holds: holds']);
  });

  it('refuse one that fires already, and one whose Prometheus does not answer', async () => {
    expect(await said(benchOf(() => valuesOf(1)))).to.deep.equal([
      'refused: alert Broken fires already, {zone="0"}: it would prove nothing',
    ]);
    expect(await said(benchOf(() => ({ ...valuesOf(), warnings: ['a shard is missing'] })))).to.deep.equal([
      'refused: alert Broken: the answer has a warning: a shard is missing',
    ]);
    expect(await said(benchOf(() => new Error('ECONNREFUSED')))).to.deep.equal(['refused: alert Broken: ECONNREFUSED']);
  });

  it('refuse where the target names no Prometheus, but for one to practise on', async () => {
    const text = 'target bench names no Prometheus for what spec.expect.alert asks';
    expect(await said(benchOf())).to.deep.equal([`holds: ${text}: it is not asked on the sandbox`]);
    const real = benchOf();
    real.cluster.identity = async () => ({ uid: 'u', server: 'https://10.0.0.1:6443', version: 'v1.36.0' });
    expect(await said(real)).to.deep.equal([`refused: ${text}`]);
  });
});
