import { expect } from 'chai';
import { alteredCluster } from '../faults/altered-cluster.ts';
import { FAULT_KINDS } from '../faults/index.ts';
import type { FaultlineError } from '../model/errors.ts';
import type { FaultPlan } from '../model/fault.ts';
import { KINDS, type KubeObject, PLAN_ANNOTATION, RUN_LABEL, UNDO_ANNOTATION } from '../model/kubernetes.ts';
import type { Cluster } from '../model/ports.ts';
import type { FaultSpec } from '../model/scenario.ts';
import { type Accepted, acceptConflicts } from './accept.ts';
import { readClusterJournal, writeClusterJournal } from './cluster-journal.ts';
import { findLeftovers } from './leftovers.ts';
import { isClean, type RecoverResult, recoverCluster } from './recover.ts';
import { asked, BenchRun, BLACKHOLE, DOWN, SWAP } from './testing/bench-run.ts';
import { recoverPorts } from './testing/recover-ports.ts';

const NAME = 'mockb-ap-northeast-1a';
const REF = { ...KINDS.deployment, namespace: 'default', name: NAME };
const CONTAINER = '/spec/template/spec/containers/0';
const CUT = asked({
  name: 'cut',
  kind: 'zoneBlackhole',
  afterMs: 0,
  spec: { cluster: 'tokyo', zone: 'ap-northeast-1b', namespaces: ['default'], image: 'x', expiry: 900_000 },
});

/** A run that has injected and died, with or without its plans in the cluster. */
async function dead(faults: readonly FaultSpec[], { hasPlans }: { hasPlans: boolean }): Promise<BenchRun> {
  const bench = new BenchRun();
  const run = await bench.plan(faults);
  if (hasPlans)
    await writeClusterJournal(
      bench.cluster,
      'default',
      run.runId,
      run.faults.map(({ plan }) => plan),
    );
  for (const { kind, plan } of run.faults) {
    const { cluster, clock, stop } = bench;
    const context = { runId: run.runId, cluster, clock, now: () => 0, signal: stop.signal, onAffected: () => {} };
    await kind.inject(plan, context);
  }
  return bench;
}

function recover(
  { cluster, clock, stop }: BenchRun,
  accept?: Accepted,
  known: readonly FaultPlan[] = [],
): Promise<RecoverResult> {
  const ports = { ...recoverPorts(clock, stop.signal), ...(accept === undefined ? {} : { accept }) };
  return recoverCluster(
    cluster,
    { namespaces: ['default'], lockNamespace: 'default', kinds: FAULT_KINDS },
    known,
    ports,
  );
}

const states = ({ undone }: RecoverResult) => undone.map(({ fault, outcome }) => `${fault} ${outcome.state}`);

describe('recover without any journal', () => {
  it('undoes every kind from what stands on its objects', async () => {
    const bench = await dead([SWAP, BLACKHOLE, CUT], { hasPlans: false });
    const result = await recover(bench);
    expect([isClean(result), result.leftovers]).to.deep.equal([true, []]);
    expect(new Set(states(result))).to.deep.equal(new Set(['swap undone', 'silent undone', 'cut undone']));
    expect(bench.cluster.snapshot()).to.deep.equal(new BenchRun().cluster.snapshot());
  });

  it('undoes what it finds though a kind of object cannot be listed, and says that', async () => {
    const bench = await dead([SWAP], { hasPlans: false });
    bench.cluster.before = ({ verb, kind }) => {
      if (verb === 'list' && kind === KINDS.networkPolicy.kind) throw new Error('403 no');
    };
    const result = await recover(bench);
    expect([states(result), isClean(result)]).to.deep.equal([['swap undone'], false]);
    expect(result.problems.join()).to.contain('403 no');
  });

  it('finds a fault whose label somebody has taken off', async () => {
    const bench = await dead([SWAP], { hasPlans: false });
    const object = await bench.cluster.get(REF);
    if (object !== undefined)
      bench.cluster.put({ ...object, metadata: { ...object.metadata, labels: { app: 'mockb' } } });
    expect(states(await recover(bench))).to.deep.equal(['swap undone']);
    expect(bench.cluster.snapshot()).to.deep.equal(new BenchRun().cluster.snapshot());
  });

  it('does nothing on annotations that a controller has copied back long after the drill, and tells of them', async () => {
    const bench = await dead([DOWN], { hasPlans: false });
    const annotations = (await bench.cluster.get(REF))?.metadata.annotations;
    expect(states(await recover(bench))).to.deep.equal(['down undone']);
    const object = await bench.cluster.get(REF);
    if (object === undefined || annotations === undefined) throw new Error('it is there');
    const scaled = { ...object, spec: { ...(object.spec as object), replicas: 0 } };
    bench.cluster.put({ ...scaled, metadata: { ...object.metadata, annotations } });
    const before = bench.cluster.snapshot();
    const result = await recover(bench);
    expect([result.undone, isClean(result), bench.cluster.snapshot()]).to.deep.equal([[], false, before]);
    const [{ ref, command } = { ref: '', command: '' }, ...more] = result.leftovers;
    expect([ref, command, more]).to.deep.equal([
      `default/deployment/${NAME}`,
      `kubectl -n default annotate deployment/${NAME} faultline.dev/plan- faultline.dev/undo- faultline.dev/owners-`,
      [],
    ]);
  });

  it('takes off labels that the dead-man switch has left on pods', async () => {
    const bench = await dead([BLACKHOLE], { hasPlans: false });
    for (const { kind } of [KINDS.job, KINDS.networkPolicy]) {
      for (const key of [...bench.cluster.objects.keys()])
        if (key.startsWith(`${kind} `)) bench.cluster.objects.delete(key);
    }
    expect(isClean(await recover(bench))).to.equal(true);
    expect(bench.cluster.snapshot()).to.deep.equal(new BenchRun().cluster.snapshot());
  });

  for (const fault of [SWAP, DOWN]) {
    for (const hasPlans of [true, false]) {
      it(`takes the label for the run of a mark, where a rollback has brought annotations of an old drill: ${fault.name}, ${hasPlans ? 'with' : 'without'} plans`, async () => {
        const bench = await dead([fault], { hasPlans });
        const object = await bench.cluster.get(REF);
        if (object === undefined) throw new Error('it is there');
        const data = { workload: 'Deployment', namespace: 'default', name: NAME, uid: object.metadata.uid };
        const old = { kind: 'scale', fault: 'old', runId: 'old', objects: [], data: { ...data, before: 7, during: 0 } };
        const annotations = { [PLAN_ANNOTATION]: JSON.stringify(old), [UNDO_ANNOTATION]: '{"spec":{"replicas":7}}' };
        bench.cluster.put({ ...object, metadata: { ...object.metadata, annotations } });
        const result = await recover(bench);
        if (hasPlans || fault === SWAP) {
          expect([states(result), isClean(result)]).to.deep.equal([[`${fault.name} undone`], true]);
          expect(bench.cluster.snapshot()).to.deep.equal(new BenchRun().cluster.snapshot());
          return;
        }
        // Nobody knows what was before: somebody has to look, and is told nothing of the old drill.
        const unmark = `kubectl -n default label deployment/${NAME} faultline.dev/run-`;
        const forget = `kubectl -n default annotate deployment/${NAME} faultline.dev/plan- faultline.dev/undo-`;
        expect(result.leftovers.map(({ command }) => command)).to.deep.equal([`${unmark} && ${forget}`]);
      });
    }
  }

  it('finds a swapped template that a rollback has brought back from the history, and puts it back', async () => {
    const bench = await dead([SWAP], { hasPlans: false });
    const swapped = structuredClone(await bench.cluster.get(REF));
    await recover(bench);
    const now = await bench.cluster.get(REF);
    if (now === undefined || swapped === undefined) throw new Error('it is there');
    bench.cluster.put({ ...now, spec: swapped.spec } as KubeObject);
    const result = await recover(bench);
    expect([states(result), isClean(result)]).to.deep.equal([['swap undone'], true]);
    expect(bench.cluster.snapshot()).to.deep.equal(new BenchRun().cluster.snapshot());
  });

  it('tells of such a template, and does not plan on it, with the annotations that come back with it and without', async () => {
    for (const hasAnnotations of [true, false]) {
      const bench = await dead([SWAP], { hasPlans: false });
      const object = await bench.cluster.get(REF);
      if (object === undefined) throw new Error('it is there');
      const { labels: _labels, annotations = {}, ...metadata } = object.metadata;
      bench.cluster.put({ ...object, metadata: { ...metadata, ...(hasAnnotations ? { annotations } : {}) } });
      const [left] = await findLeftovers(bench.cluster, { namespaces: ['default'], lockNamespace: 'default' });
      expect(left?.ref).to.equal(`default/deployment/${NAME}`);
      expect(left?.command).to.contain(`kubectl -n default patch deployment/${NAME} -p`);
      const named = alteredCluster(bench.cluster, { kubectl: { context: 'staging' } });
      const [there] = await findLeftovers(named, { namespaces: ['default'], lockNamespace: 'default' });
      expect(there?.command).to.contain(`kubectl --context staging -n default patch deployment/${NAME} -p`);
      const end = await bench.plan([SWAP]).catch((error: unknown) => error);
      expect(end).to.include({ code: 'OPEN_RUN', hint: 'faultline recover --scan --target <targets file>' });
    }
  });
});

describe('recover from a local journal', () => {
  /** A fault that is on without its plans and its label, and what a journal tells of it. */
  async function unclaimed(spec: FaultSpec): Promise<{ bench: BenchRun; plan: FaultPlan; before: object }> {
    const bench = new BenchRun();
    const before = bench.cluster.snapshot() as object;
    const [fault] = (await bench.plan([spec])).faults;
    if (fault === undefined) throw new Error('there is a fault');
    const { clock, cluster, stop } = bench;
    const context = { runId: fault.plan.runId, cluster, clock, now: () => 0, signal: stop.signal };
    await fault.kind.inject(fault.plan, { ...context, onAffected: () => {} });
    const object = await cluster.get(REF);
    if (object === undefined) throw new Error('it is there');
    cluster.put({ ...object, metadata: { ...object.metadata, labels: { app: 'mockb' } } });
    return { bench, plan: fault.plan, before };
  }

  it('puts back what nobody else sets, though somebody has taken its plans and its label off', async () => {
    const { bench, plan, before } = await unclaimed(SWAP);
    const result = await recover(bench, undefined, [plan]);
    expect([states(result), isClean(result)]).to.deep.equal([['swap undone'], true]);
    expect(bench.cluster.snapshot()).to.deep.equal(before);
  });

  it('neither closes nor overwrites what others set as well, where plans and label have gone: both ways on are told', async () => {
    const { bench, plan } = await unclaimed(DOWN);
    const { writes } = bench.cluster;
    const result = await recover(bench, undefined, [plan]);
    expect([states(result), isClean(result), bench.cluster.writes]).to.deep.equal([['down conflict'], false, writes]);
    const [{ outcome } = { outcome: undefined }] = result.undone;
    expect(outcome?.detail).to.contain('it has 0 replicas, which is what the fault had written');
    expect(outcome?.commands[0]).to.equal(`kubectl -n default scale deployment/${NAME} --replicas=1`);
    expect(outcome?.keep?.join()).to.contain(`--accept-current --only default/deployment/${NAME}`);
    const accepted = await recover(bench, { only: [] }, [plan]);
    expect([states(accepted), isClean(accepted)]).to.deep.equal([['down undone'], true]);
    expect(((await bench.cluster.get(REF))?.spec as { replicas?: number } | undefined)?.replicas).to.equal(0);
  });
});

describe('recover of a run that died while it wrote', () => {
  it('fences off what that may still bring', async () => {
    const bench = new BenchRun();
    const before = bench.cluster.snapshot();
    const run = await bench.plan([SWAP]);
    const plans = run.faults.map(({ plan }) => plan);
    await writeClusterJournal(bench.cluster, 'default', run.runId, plans);
    let land = async (): Promise<unknown> => 'nothing was sent';
    const patch: Cluster['patch'] = (ref, ops) => {
      land = () => bench.cluster.patch(ref, ops).catch((error: FaultlineError) => error.code);
      return Promise.reject(new Error('the runner is dead'));
    };
    const cluster = alteredCluster(bench.cluster, { patch });
    for (const { kind, plan } of run.faults) {
      const context = { runId: run.runId, cluster, clock: bench.clock, now: () => 0, signal: bench.stop.signal };
      await kind.inject(plan, { ...context, onAffected: () => {} }).catch(() => {});
    }
    expect(isClean(await recover(bench))).to.equal(true);
    expect(await land()).to.equal('FAULT_CONFLICT');
    expect(bench.cluster.snapshot()).to.deep.equal(before);
  });
});

describe('recover of what somebody has to decide', () => {
  /** A dead run whose workload has got another image meanwhile. */
  async function hotFixed(): Promise<BenchRun> {
    const bench = await dead([SWAP, BLACKHOLE], { hasPlans: true });
    await bench.cluster.patch(REF, [{ op: 'replace', path: `${CONTAINER}/image`, value: 'hotfix' }]);
    return bench;
  }

  const imageOf = (object: KubeObject | undefined) =>
    (object as unknown as { spec: { template: { spec: { containers: object[] } } } }).spec.template.spec.containers[0];

  it('stays open, with what is ours taken back and the command that closes it', async () => {
    const bench = await hotFixed();
    const result = await recover(bench);
    expect(states(result)).to.deep.equal(['silent undone', 'swap conflict']);
    const accept = `faultline recover --run 20261122t090000z-test --accept-current --only default/deployment/${NAME}`;
    expect(result.undone.find(({ fault }) => fault === 'swap')?.outcome.keep).to.deep.equal([accept]);
    expect(imageOf(await bench.cluster.get(REF))).to.deep.equal({ name: 'default', image: 'hotfix' });
    expect(await readClusterJournal(bench.cluster, 'default')).to.not.equal(undefined);
  });

  it('is closed as it stands where that is accepted, in the cluster as well', async () => {
    const bench = await hotFixed();
    const result = await recover(bench, { only: [] });
    expect([isClean(result), await readClusterJournal(bench.cluster, 'default')]).to.deep.equal([true, undefined]);
    expect(result.undone.find(({ fault }) => fault === 'swap')?.outcome.detail).to.contain('accepted as it stands');
    const object = await bench.cluster.get(REF);
    expect([imageOf(object), object?.metadata.labels]).to.deep.equal([
      { name: 'default', image: 'hotfix' },
      { app: 'mockb' },
    ]);
    expect(isClean(await recover(bench))).to.equal(true);
  });

  it('stays open where its marks cannot be taken off, and that is said', async () => {
    const bench = await hotFixed();
    const conflict = (await recover(bench)).undone.find(({ fault }) => fault === 'swap')?.outcome;
    bench.cluster.before = ({ verb, kind }) => {
      if (verb === 'patch' && kind === KINDS.deployment.kind) throw new Error('403 no');
    };
    const result = await recover(bench, { only: [] });
    const outcome = result.undone.find(({ fault }) => fault === 'swap')?.outcome;
    expect(outcome?.state).to.equal('conflict');
    expect(outcome?.detail).to.equal(`${conflict?.detail}; its marks could not be taken off: 403 no`);
    expect(outcome?.objects).to.deep.equal(conflict?.objects);
  });

  it('is accepted for the object that is named and for no other', async () => {
    const bench = await hotFixed();
    expect(states(await recover(bench, { only: ['default/deployment/another'] }))).to.include('swap conflict');
    expect((await bench.cluster.get(REF))?.metadata.labels).to.have.property(RUN_LABEL);
    expect(states(await recover(bench, { only: [`default/Deployment/${NAME}`] }))).to.include('swap undone');
  });

  it('writes nothing to a workload that was created anew, accepted or not', async () => {
    for (const fault of [SWAP, DOWN]) {
      const bench = await dead([fault], { hasPlans: true });
      const object = await new BenchRun().cluster.get(REF);
      if (object === undefined) throw new Error('it is there');
      bench.cluster.put({ ...object, metadata: { ...object.metadata, uid: 'anew' } });
      const written: string[] = [];
      bench.cluster.after = ({ isWrite, kind }) => void (isWrite && written.push(kind));
      await recover(bench);
      await recover(bench, { only: [] });
      expect(new Set(written), fault.name).to.deep.equal(new Set(['Lease', 'ConfigMap']));
    }
  });

  it('is closed for a workload that was deleted, and is none where one was created anew without the fault', async () => {
    const bench = await dead([SWAP], { hasPlans: true });
    bench.cluster.objects.delete(`Deployment default/${NAME}`);
    expect(states(await recover(bench))).to.deep.equal(['swap conflict']);
    expect(isClean(await recover(bench, { only: [] }))).to.equal(true);
    const other = await dead([SWAP], { hasPlans: true });
    const object = await new BenchRun().cluster.get(REF);
    if (object === undefined) throw new Error('it is there');
    other.cluster.put({ ...object, metadata: { ...object.metadata, uid: 'anew' } });
    const result = await recover(other);
    expect([isClean(result), result.undone[0]?.outcome.detail]).to.deep.equal([
      true,
      'it was deleted and created anew, and holds nothing of the fault, the rollout is complete',
    ]);
  });

  it('stays open beside what is still ours', async () => {
    const { cluster } = new BenchRun();
    const object = { cluster: 'tokyo', kind: 'Deployment', namespace: 'default', name: NAME, change: 'image' };
    const objects = (['conflict', 'left-behind'] as const).map((state) => ({ ...object, state }));
    const outcome = { state: 'conflict', detail: 'half', objects, commands: [] } as const;
    const plan = { runId: 'r' } as FaultPlan;
    expect(await acceptConflicts(plan, outcome, { only: [] }, { cluster, marks: [] })).to.deep.equal(outcome);
    const alone = { ...outcome, objects: objects.slice(0, 1) };
    expect((await acceptConflicts(plan, alone, { only: [] }, { cluster, marks: [] })).state).to.equal('undone');
  });

  it('does not accept what has only failed: that is still ours', async () => {
    const bench = await dead([SWAP], { hasPlans: true });
    const object = await bench.cluster.get(REF);
    if (object === undefined) throw new Error('it is there');
    bench.cluster.put({ ...object, spec: { ...(object.spec as object), paused: true }, status: {} } as KubeObject);
    const result = await recover(bench, { only: [] });
    expect([states(result), isClean(result)]).to.deep.equal([['swap failed'], false]);
    expect(result.leftovers, 'the plans are what recover works from').to.deep.equal([]);
  });
});
