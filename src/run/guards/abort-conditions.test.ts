import { expect } from 'chai';
import type { AbortCondition } from '../../model/abort.ts';
import { fakePrometheus, valuesOf } from '../abort/testing/fake-prometheus.ts';
import { BenchRun, SWAP } from '../testing/bench-run.ts';
import { requireGuards } from './index.ts';

const QUERY: AbortCondition = { kind: 'prometheus', query: 'x', limit: { side: 'above', value: 0.2 }, forMs: 10_000 };

/** What the guard says of a run with these conditions. */
async function said(change: Partial<BenchRun>) {
  const bench = Object.assign(new BenchRun(), change);
  const { guards } = await bench.plan([SWAP]);
  const own = guards.filter(({ guard }) => guard === 'abort conditions');
  return { own, guards, text: own.map(({ holds, detail }) => `${holds ? 'holds' : 'refused'}: ${detail}`).join('; ') };
}

const answering = (answer: ReturnType<typeof valuesOf> | Error) =>
  said({ abort: [QUERY], prometheus: fakePrometheus(() => answer) });

describe('guards: abort conditions', () => {
  it('hold where there are none, and where nothing would end the run at once', async () => {
    expect((await said({})).text).to.equal('holds: holds');
    expect((await answering(valuesOf(0.1, 0.2))).text).to.equal('holds: holds');
  });

  it('refuse a run that would be ended at once, and one whose query tells nothing', async () => {
    const past = await answering(valuesOf(0.1, 0.5));
    expect(past.text).to.equal(
      'refused: prometheus: x {zone="1"} was 0.5 before anything was done, and above 0.2 ends a run',
    );
    expect(past.own[0]?.hint).to.contain('Wait until it is well again');
    expect(() => requireGuards(past)).to.throw('x {zone="1"} was 0.5 before anything was done');
    expect((await answering(valuesOf())).text).to.contain('refused: prometheus: x: it has no value');
    expect((await answering(valuesOf())).own[0]?.hint).to.contain('or vector(0)');
    expect((await answering(new Error('ECONNREFUSED'))).text).to.contain('refused: prometheus: x: ECONNREFUSED');
  });

  it('refuse a query where the target names no Prometheus, but for one to practise on', async () => {
    const text = 'target bench names no Prometheus for the abort condition prometheus';
    expect((await said({ abort: [QUERY] })).text).to.equal(`holds: ${text}: it is not asked on the sandbox`);
    const bench = new BenchRun();
    bench.cluster.identity = async () => ({ uid: 'u', server: 'https://10.0.0.1:6443', version: 'v1.36.0' });
    const real = await said({ abort: [QUERY], cluster: bench.cluster, seen: bench.cluster });
    expect(real.text).to.equal(`refused: ${text}`);
  });

  it('refuse a share of fewer requests than the load sends through the gateways of the target', async () => {
    const share = (forMs: number, path?: string): AbortCondition[] => [
      { kind: 'errorShare', above: 0.5, forMs, ...(path === undefined ? {} : { path }) },
    ];
    // Ten requests a second through each of two gateways.
    expect((await said({ abort: share(1_000) })).text).to.equal('holds: holds');
    const few = await said({ abort: share(900, 'entry') });
    expect(few.text).to.equal(
      'refused: errorShare: 18 requests of entry in 900ms are too few for a share, which is of at least 20',
    );
    expect(few.own[0]?.hint).to.equal('Lengthen its `for`, or send more.');
  });
});
