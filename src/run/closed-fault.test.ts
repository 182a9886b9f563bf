import { expect } from 'chai';
import { FAULT_KINDS, faultKind } from '../faults/index.ts';
import { FaultlineError } from '../model/errors.ts';
import type { FaultKind, FaultPlan } from '../model/fault.ts';
import { KINDS, type KubeObject } from '../model/kubernetes.ts';
import { readClusterJournal, writeClusterJournal } from './cluster-journal.ts';
import { type RecoverResult, recoverCluster } from './recover.ts';
import { alteredCluster } from './testing/altered-cluster.ts';
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

  /** A run with two faults, of which the undo of one waits for the end of `late`. */
  function halfUndone(late: Promise<void>): BenchRun {
    const bench = new BenchRun();
    const kind = faultKind('scale');
    const undo: FaultKind['undo'] = async (plan, context) => {
      if (plan.fault === 'down too') await late;
      return kind.undo(plan, context);
    };
    bench.kinds = () => ({ ...kind, undo });
    return bench;
  }

  it('leaves them at once, so that a run that is killed then leaves nothing that is not on', async () => {
    const late = Promise.withResolvers<void>();
    const bench = halfUndone(late.promise);
    const end = bench.run([DOWN, DOWN_TOO]);
    for (let second = 0; second < 60; second++) await bench.clock.sleep(1_000);
    expect(bench.steps()).to.include('down undone').and.not.include('down too undone');
    expect(await openIn(bench)).to.deep.equal(['down too']);
    // What is known of a run that is killed now: the plans in the cluster.
    await set(bench, ONE, 0);
    await bench.cluster.delete({ ...KINDS.lease, namespace: 'default', name: 'faultline' });
    expect(states(await recover(bench))).to.deep.equal(['down too undone']);
    expect(await replicasOf(bench, ONE)).to.equal(0);
    late.resolve();
    await end;
  });

  it('costs one look and one write for each but the last', async () => {
    for (const [faults, patches] of [
      [[DOWN], 0],
      [[DOWN, DOWN_TOO], 1],
    ] as const) {
      const bench = new BenchRun();
      const asked: string[] = [];
      bench.cluster.before = ({ verb, kind, name }) => {
        const isUndoing = bench.steps().includes('down undone');
        if (isUndoing && kind === 'ConfigMap' && name === 'faultline-run') asked.push(verb);
      };
      const late = bench.clock.sleep(45_000);
      const { kinds } = halfUndone(late);
      bench.kinds = kinds;
      expect(await bench.run(faults)).to.deep.equal({ status: 'completed' });
      expect(asked.filter((verb) => verb === 'patch')).to.have.length(patches);
      expect(asked).to.deep.equal([...(patches ? ['get', 'patch'] : []), 'get', 'delete', 'get', 'get']);
    }
  });

  it('takes away all plans of a cluster where nothing is open, while another cluster does not answer', async () => {
    const bench = new BenchRun();
    const { cluster: kobe } = new BenchRun();
    const identity = async () => ({ ...(await kobe.identity()), uid: 'uid-of-kobe', server: 'http://127.0.0.2:1' });
    bench.others = [alteredCluster(kobe, { name: 'kobe', identity })];
    bench.onEvent = (event) => {
      if (event.type !== 'phase-start' || event.phase !== 'hold') return;
      bench.cluster.pause = () => new Promise(() => {});
      bench.stop.abort({ kind: 'signal', signal: 'SIGTERM' });
    };
    const there = { ...DOWN, name: 'there', spec: { ...DOWN.spec, cluster: 'kobe' } };
    expect(await bench.run([DOWN, there])).to.deep.include({ status: 'interrupted' });
    expect(bench.steps()).to.include.members(['there undone', 'down undo-failed']);
    expect(await readClusterJournal(kobe, 'default')).to.equal(undefined);
    const healthy = Object.assign(new BenchRun(), { cluster: kobe });
    await set(healthy, ONE, 0);
    expect((await recover(healthy)).undone).to.deep.equal([]);
    expect(await replicasOf(healthy, ONE)).to.equal(0);
  });

  const troubles: Record<string, () => Promise<void> | never> = {
    'is refused': () => {
      throw new FaultlineError('KUBE_API', '500 no');
    },
    'has no answer': () => new Promise(() => {}),
  };
  for (const [what, answer] of Object.entries(troubles)) {
    it(`holds up nothing where the write ${what}`, async () => {
      const bench = new BenchRun();
      bench.cluster.pause = ({ verb, kind }) => (verb === 'patch' && kind === 'ConfigMap' ? answer() : undefined);
      bench.kinds = halfUndone(bench.clock.sleep(45_000)).kinds;
      expect(await bench.run([DOWN, DOWN_TOO])).to.deep.equal({ status: 'completed' });
      expect(bench.steps()).to.include.members(['down undone', 'down too undone']);
      expect(await openIn(bench)).to.equal(undefined);
    });
  }

  it('is told where its plans cannot be taken out, as of an immutable ConfigMap', async () => {
    const bench = new BenchRun();
    bench.cluster.before = ({ verb, kind }) => {
      if (verb === 'patch' && kind === 'ConfigMap') throw new FaultlineError('KUBE_API', '422 field is immutable');
    };
    bench.onEvent = (event) => {
      if (event.type === 'phase-start' && event.phase === 'undo') void set(bench, OTHER, 3);
    };
    await bench.run([DOWN, DOWN_TOO]);
    expect(bench.steps()).to.include.members(['down undone', 'down too undo-conflict']);
    const said = bench.events.flatMap((event) => (event.type === 'notice' ? [event.text] : []));
    expect(said).to.include(
      'cluster tokyo: the plans of faults of run 20261122t090000z-test that are undone could not be taken out of ConfigMap default/faultline-run: 422 field is immutable. A recovery that does not read the journal of this run takes them for open: kubectl -n default get configmap/faultline-run -o yaml',
    );
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
