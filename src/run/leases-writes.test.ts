import { expect } from 'chai';
import { KINDS } from '../model/kubernetes.ts';
import { Leases } from './leases.ts';
import { alteredCluster } from './testing/altered-cluster.ts';
import { BenchRun, SWAP } from './testing/bench-run.ts';

describe('leases before a write', () => {
  it('that have grown old while their process stood still let it inject nothing, though they are still its own', async () => {
    const bench = new BenchRun();
    const ports = bench.ports();
    let stoodStill = 0;
    const clock = { ...ports.clock, now: () => ports.clock.now() + stoodStill };
    const run = await bench.plan([SWAP]);
    const leases = new Leases(run, { ...ports, clock });
    await leases.take(new AbortController().signal);
    stoodStill = 59e6;
    const [open] = leases.injecting().clusters.values();
    const refused = await open?.cluster
      .create({ ...KINDS.configMap, metadata: { namespace: 'default', name: 'x' } })
      .catch((one) => one);
    expect(refused).to.include({ code: 'LEASE_LOST' });
    expect(bench.cluster.all(KINDS.configMap)).to.deep.equal([]);
    await leases.release();
  });

  it('are not even asked for where another cluster answers than the one that an undo is for', async () => {
    const bench = new BenchRun();
    const mayWrite = async () => {
      throw Object.assign(new Error('another cluster answers'), { code: 'TARGET_MISMATCH' });
    };
    bench.seen = alteredCluster(bench.cluster, { mayWrite });
    const leases = new Leases(await bench.plan([SWAP]), bench.ports());
    const undoing = leases.undoing('tokyo', new AbortController().signal);
    const { requests } = bench.cluster;
    const refused = await undoing.delete({ ...KINDS.pod, namespace: 'default', name: 'x' }).catch((one) => one);
    expect(refused).to.include({ code: 'TARGET_MISMATCH' });
    expect(bench.cluster.requests).to.equal(requests);
  });
});
