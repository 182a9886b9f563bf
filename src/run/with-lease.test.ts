import { expect } from 'chai';
import { FakeCluster } from '../faults/testing/fake-cluster.ts';
import type { FaultlineError } from '../model/errors.ts';
import { KINDS } from '../model/kubernetes.ts';
import { writeClusterJournal } from './cluster-journal.ts';
import { readLease } from './lease-record.ts';
import { leaseRef } from './lock-objects.ts';
import { virtualClock } from './testing/virtual-clock.ts';
import { withLease } from './with-lease.ts';

const POD = { ...KINDS.pod, metadata: { namespace: 'default', name: 'a' } };

function bench() {
  const [cluster, over] = [new FakeCluster(), new AbortController()];
  const signal = new AbortController().signal;
  const ports = { clock: virtualClock(), holder: 'recover-1/a/1', openRun: 'run-1', signal, say: () => {} };
  return { cluster, over, ports: { ...ports, over: over.signal } };
}

describe('work with the lease of a cluster', () => {
  it('writes while it has it, and gives it back', async () => {
    const { cluster, ports } = bench();
    const held = await withLease(cluster, 'default', ports, async (leased) => {
      await leased.mayWrite?.();
      await leased.create(POD);
      return (await readLease(cluster, 'default')).holder;
    });
    expect(held).to.equal('recover-1/a/1');
    expect((await readLease(cluster, 'default')).holder).to.equal(undefined);
    expect(await cluster.get({ ...KINDS.pod, namespace: 'default', name: 'a' })).to.not.equal(undefined);
  });

  it('may begin nothing outside of the cluster either once its time is over, and gives the lease back all the same', async () => {
    const { cluster, over, ports } = bench();
    await withLease(cluster, 'default', ports, async (leased) => {
      over.abort('the recovery has had its time');
      for (const ask of [() => leased.mayWrite?.(), () => leased.create(POD)]) {
        const refused = await ask()?.then(
          () => 'done',
          (error: unknown) => (error as FaultlineError).message,
        );
        expect(refused).to.equal('nothing more is asked: the recovery has had its time');
      }
    });
    expect((await readLease(cluster, 'default')).holder).to.equal(undefined);
  });

  it('takes a lease that somebody has deleted again only while the plans of its run are in the cluster', async () => {
    for (const isOpen of [true, false]) {
      const { cluster, ports } = bench();
      if (isOpen) await writeClusterJournal(cluster, 'default', 'run-1', []);
      await withLease(cluster, 'default', ports, async (leased) => {
        await cluster.delete(leaseRef('default'), {});
        await ports.clock.sleep(60_000);
        const wrote = await leased.create(POD).then(
          () => 'written',
          (error: unknown) => (error as FaultlineError).code,
        );
        expect(wrote, String(isOpen)).to.equal(isOpen ? 'written' : 'LEASE_LOST');
      });
    }
  });
});
