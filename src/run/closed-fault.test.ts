import { expect } from 'chai';
import { FAULT_KINDS } from '../faults/index.ts';
import type { FaultPlan } from '../model/fault.ts';
import { KINDS, type KubeObject } from '../model/kubernetes.ts';
import { readClusterJournal, writeClusterJournal } from './cluster-journal.ts';
import { type RecoverResult, recoverCluster } from './recover.ts';
import { BenchRun, DOWN } from './testing/bench-run.ts';
import { recoverPorts } from './testing/recover-ports.ts';

const ONE = 'mockb-ap-northeast-1a';
const OTHER = 'mockb-ap-northeast-1b';
const DOWN_TOO = { ...DOWN, name: 'down too', spec: { ...DOWN.spec, deployment: OTHER } };
const refOf = (name: string) => ({ ...KINDS.deployment, namespace: 'default', name });

async function set({ cluster }: BenchRun, name: string, replicas: number): Promise<void> {
  const object = (await cluster.get(refOf(name))) as KubeObject;
  cluster.put({ ...object, spec: { ...(object.spec as object), replicas } });
}

const replicasOf = async ({ cluster }: BenchRun, name: string) =>
  ((await cluster.get(refOf(name)))?.spec as { replicas?: number } | undefined)?.replicas;

const openIn = async ({ cluster }: BenchRun) =>
  (await readClusterJournal(cluster, 'default'))?.plans.map(({ fault }) => fault);

function recover({ cluster, clock, stop }: BenchRun, known: readonly FaultPlan[] = []): Promise<RecoverResult> {
  const scope = { namespaces: ['default'], lockNamespace: 'default', kinds: FAULT_KINDS };
  return recoverCluster(cluster, scope, known, recoverPorts(clock, stop.signal));
}

const states = ({ undone }: RecoverResult) => undone.map(({ fault, outcome }) => `${fault} ${outcome.state}`).sort();

/** A dead run whose two faults are on; somebody has changed what one of them had written. */
async function dead(): Promise<{ bench: BenchRun; plans: FaultPlan[] }> {
  const bench = new BenchRun();
  const { cluster, clock, stop } = bench;
  const { faults, runId } = await bench.plan([DOWN, DOWN_TOO]);
  const plans = faults.map(({ plan }) => plan);
  await writeClusterJournal(cluster, 'default', runId, plans);
  const context = { runId, cluster, clock, now: () => 0, signal: stop.signal, onAffected: () => {} };
  for (const { kind, plan } of faults) await kind.inject(plan, context);
  await set(bench, OTHER, 3);
  return { bench, plans };
}

describe('a fault that is undone while another one of its run is open', () => {
  it('leaves the plans in the cluster, so that nobody takes for its own what a colleague sets after a recovery', async () => {
    for (const isLocal of [false, true]) {
      const { bench, plans } = await dead();
      expect(states(await recover(bench))).to.deep.equal(['down too conflict', 'down undone']);
      expect(await openIn(bench)).to.deep.equal(['down too']);
      await set(bench, ONE, 0);
      const result = await recover(bench, isLocal ? plans : []);
      expect(await replicasOf(bench, ONE)).to.equal(0);
      expect(states(result)).to.deep.equal(['down too conflict', ...(isLocal ? ['down conflict'] : [])].sort());
    }
  });

  it('leaves them at the end of a run, too', async () => {
    const bench = new BenchRun();
    bench.onEvent = (event) => {
      if (event.type === 'phase-start' && event.phase === 'undo') void set(bench, OTHER, 3);
    };
    await bench.run([DOWN, DOWN_TOO]);
    expect(bench.steps()).to.include.members(['down undone', 'down too undo-conflict']);
    expect(await openIn(bench)).to.deep.equal(['down too']);
    await set(bench, ONE, 0);
    expect(states(await recover(bench))).to.deep.equal(['down too conflict']);
    expect(await replicasOf(bench, ONE)).to.equal(0);
  });
});
