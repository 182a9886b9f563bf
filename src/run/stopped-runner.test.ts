import { expect } from 'chai';
import type { FakeCluster } from '../faults/testing/fake-cluster.ts';
import type { RunHeader } from '../model/history.ts';
import { KINDS } from '../model/kubernetes.ts';
import { ClusterLease } from './cluster-lease.ts';
import { leaseRef } from './lock-objects.ts';
import { executeRun } from './machine.ts';
import { BenchRun, SWAP } from './testing/bench-run.ts';

const OTHER = 'run-2/b/2';

const holderIn = (cluster: FakeCluster): string | undefined =>
  (cluster.all(KINDS.lease)[0]?.spec as { holderIdentity?: string } | undefined)?.holderIdentity;

/**
 * A run that is stopped (SIGSTOP) for so long in a phase, right before it writes to its workload: after its look, so that no timer of its
 * own has run when it wakes. Meanwhile somebody has deleted its lease, and another run has taken it. Resolves to the writes to the
 * workload from then on.
 */
async function writesOnceAwake(phase: 'inject' | 'undo', stoppedMs: number): Promise<number> {
  const bench = new BenchRun();
  const { cluster, clock } = bench;
  let slept = 0;
  const own = {
    ...clock,
    now: () => clock.now() + slept * 1000,
    wall: () => new Date(clock.wall().getTime() + slept),
  };
  let phases: string[] = [];
  bench.onEvent = (event) => {
    if (event.type === 'phase-start') phases = [...phases, event.phase];
  };
  let awake = 0;
  cluster.before = ({ isWrite, kind }) => {
    if (slept > 0 && isWrite && kind === KINDS.deployment.kind) awake++;
  };
  const get = cluster.get.bind(cluster);
  cluster.get = async (ref) => {
    const found = await get(ref);
    if (ref.kind !== KINDS.deployment.kind || phases.at(-1) !== phase || slept > 0) return found;
    await cluster.delete(leaseRef('default'));
    await new ClusterLease(cluster, 'default', OTHER, clock).take({ stop: bench.stop.signal, onWatch: () => {} });
    slept = stoppedMs;
    return found;
  };
  const run = await bench.plan([SWAP]);
  await executeRun(run, {} as RunHeader, { ...bench.ports(), clock: own });
  expect([slept, holderIn(cluster)]).to.deep.equal([stoppedMs, OTHER]);
  return awake;
}

describe('a run that was stopped for less time than its lease lasts, and has lost it', () => {
  for (const phase of ['inject', 'undo'] as const) {
    it(`writes nothing when it wakes in the phase ${phase}`, async () => {
      for (const stoppedMs of [11_000, 30_000, 44_000]) expect(await writesOnceAwake(phase, stoppedMs)).to.equal(0);
    });
  }
});
