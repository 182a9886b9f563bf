import { expect } from 'chai';
import { FAULT_KINDS, faultKind } from '../faults/index.ts';
import { KINDS } from '../model/kubernetes.ts';
import { writeClusterJournal } from './cluster-journal.ts';
import { recoverCluster } from './recover.ts';
import { BenchRun, BLACKHOLE, SWAP } from './testing/bench-run.ts';

/** A run that died after it had injected: only the cluster knows of it. */
async function deadRun(): Promise<BenchRun> {
  const bench = new BenchRun();
  const run = await bench.plan([SWAP, BLACKHOLE]);
  const plans = run.faults.map((fault) => fault.plan);
  await writeClusterJournal(bench.cluster, run.runId, plans);
  for (const fault of run.faults) {
    const context = {
      runId: run.runId,
      cluster: bench.cluster,
      clock: bench.clock,
      now: () => 0,
      signal: bench.stop.signal,
      onAffected: () => {},
    };
    await fault.kind.inject(fault.plan, context);
  }
  return bench;
}

function recover(bench: BenchRun, runId?: string) {
  const ports = { clock: bench.clock, faultKind, runId, signal: bench.stop.signal };
  return recoverCluster(bench.cluster, { namespaces: ['default'], kinds: FAULT_KINDS }, [], ports);
}

describe('recover', () => {
  it('undoes a dead run from what the cluster itself knows', async () => {
    const bench = await deadRun();
    const recovery = await recover(bench);
    expect(recovery.undone.map(({ fault, outcome }) => `${fault} ${outcome.state}`)).to.deep.equal([
      'silent undone',
      'swap undone',
    ]);
    expect(recovery.leftovers).to.deep.equal([]);
    expect(bench.cluster.snapshot()).to.deep.equal(new BenchRun().cluster.snapshot());
  });

  it('changes nothing the second time', async () => {
    const bench = await deadRun();
    await recover(bench);
    const { writes } = bench.cluster;
    expect((await recover(bench)).undone).to.deep.equal([]);
    expect(bench.cluster.writes).to.equal(writes);
  });

  it('leaves other runs alone when one is named', async () => {
    const bench = await deadRun();
    const recovery = await recover(bench, 'another');
    expect(recovery.undone).to.deep.equal([]);
    expect(await bench.cluster.list(KINDS.networkPolicy, {})).to.have.length(1);
  });

  it('keeps the plans in the cluster and reports what is left when somebody else has changed the object', async () => {
    const bench = await deadRun();
    const ref = { ...KINDS.deployment, namespace: 'default', name: 'mockb-ap-northeast-1a' };
    await bench.cluster.patch(ref, [
      { op: 'replace', path: '/spec/template/spec/containers/0/image', value: 'hotfix' },
    ]);
    const recovery = await recover(bench);
    expect(recovery.undone.map(({ outcome }) => outcome.state)).to.deep.equal(['undone', 'conflict']);
    expect(recovery.leftovers.map((one) => one.command).join('\n')).to.contain(
      'kubectl -n default label deployment/mockb-ap-northeast-1a faultline.dev/run-',
    );
    expect(await bench.cluster.list(KINDS.configMap, {})).to.have.length(1);
  });
});
