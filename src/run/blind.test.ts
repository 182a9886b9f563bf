import { expect } from 'chai';
import { EXIT, exitCode } from '../model/exit.ts';
import type { HistoryEvent } from '../model/history.ts';
import { alteredCluster } from './testing/altered-cluster.ts';
import { BenchRun, SWAP } from './testing/bench-run.ts';

/** A run whose clusters cannot be observed any more from an event on. */
async function blindFrom(type: HistoryEvent['type']) {
  const bench = new BenchRun();
  const before = bench.cluster.snapshot();
  const { promise, reject } = Promise.withResolvers<never>();
  bench.onEvent = (event) => {
    if (event.type === type) reject(new Error('no sense in it'));
  };
  bench.seen = alteredCluster(bench.cluster, { observe: () => promise });
  const end = await bench.run([SWAP]);
  return { bench, end, before };
}

describe('a run that cannot observe its clusters any more', () => {
  for (const type of ['run-start', 'steady-state', 'fault', 'load'] as const) {
    it(`ends and undoes its faults, with its leases given back: from ${type} on`, async () => {
      const { bench, end, before } = await blindFrom(type);
      expect(bench.events.at(-1)?.type).to.equal('run-end');
      expect(bench.cluster.snapshot()).to.deep.equal(before);
      const lease = [...bench.cluster.objects.values()].find(({ kind }) => kind === 'Lease');
      expect((lease?.spec as { holderIdentity?: string } | undefined)?.holderIdentity ?? '').to.equal('');
      if (type === 'load') return;
      expect(end.status).to.equal('failed');
      expect(end.reason).to.contain('the clusters cannot be observed any more: no sense in it');
      expect(exitCode({ verdict: 'pass', ...end, putBack: true })).to.equal(EXIT.internal);
    });
  }
});
