import { expect } from 'chai';
import { FAULT_KINDS, faultKind } from '../faults/index.ts';
import type { FakeCluster } from '../faults/testing/fake-cluster.ts';
import { FaultlineError } from '../model/errors.ts';
import type { FaultKind, FaultPlan, UndoOutcome } from '../model/fault.ts';
import { KINDS, RUN_LABEL } from '../model/kubernetes.ts';
import type { Accepted } from './accept.ts';
import { readClusterJournal, writeClusterJournal } from './cluster-journal.ts';
import { readLease, writeLease } from './lease-record.ts';
import { leaseRef, plansRef } from './lock-objects.ts';
import { isClean, recoverCluster } from './recover.ts';
import { alteredCluster } from './testing/altered-cluster.ts';
import { BenchRun, BLACKHOLE, HERE, SWAP } from './testing/bench-run.ts';

/** A run that died after it had injected: only the cluster knows of it. */
async function deadRun(): Promise<BenchRun> {
  const bench = new BenchRun();
  const run = await bench.plan([SWAP, BLACKHOLE]);
  const plans = run.faults.map((fault) => fault.plan);
  await writeClusterJournal(bench.cluster, 'default', run.runId, plans);
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

function recover(bench: BenchRun, runId?: string, accept?: Accepted) {
  const ports = {
    ...(accept && { accept }),
    clock: bench.clock,
    faultKind: bench.kinds,
    runId,
    signal: bench.stop.signal,
    holder: 'recover-1/bench/1',
    over: new AbortController().signal,
    recoverFrom: HERE,
    say: () => {},
  };
  return recoverCluster(
    bench.seen,
    { namespaces: ['default'], lockNamespace: 'default', kinds: FAULT_KINDS },
    [],
    ports,
  );
}

describe('recover', () => {
  it('takes a kind that is served by its name only for one without objects where a person names it, and says so', async () => {
    const plansLeft = async (bench: BenchRun) => readClusterJournal(bench.cluster, 'default');
    const stuck = async (only: readonly string[] | undefined, answers = 'envoyFilter') => {
      const bench = await deadRun();
      bench.cluster.before = ({ kind }) => {
        if (kind.toLowerCase() === answers.toLowerCase()) throw new FaultlineError('KUBE_API', '404 page not found');
      };
      const recovery = await recover(bench, undefined, only && { only });
      return { recovery, isOver: isClean(recovery) && (await plansLeft(bench)) === undefined };
    };
    for (const only of [undefined, [], ['default/envoyfilter/x'], ['destinationrule']]) {
      const { recovery, isOver } = await stuck(only);
      expect(isOver, String(only)).to.equal(false);
      expect(recovery.problems.join()).to.contain('404 page not found').and.contain('--only <kind>');
    }
    const { recovery, isOver } = await stuck(['EnvoyFilter']);
    expect([isOver, recovery.unasked]).to.deep.equal([true, ['EnvoyFilter (404 page not found)']]);
    const whole = await recover(await deadRun(), undefined, { only: ['envoyfilter'] });
    expect([isClean(whole), whole.unasked], 'it is asked all the same').to.deep.equal([true, undefined]);
    const blind = await stuck(['networkpolicy'], 'networkPolicy');
    const told = blind.recovery.undone.map(({ fault, outcome: { state, detail } }) => [
      fault,
      state,
      detail.slice(-60),
    ]);
    expect(told.map(([fault, state]) => `${fault} ${state}`)).to.deep.equal(['silent undone', 'swap undone']);
    expect(told[0]?.[2]).to.match(/; not looked at, as was accepted: NetworkPolicy$/);
    expect(told[1]?.[2]).to.equal('image and command are back, the rollout is complete');
    const pods = await stuck(['pod'], 'pod').then(
      (end) => end.isOver,
      () => false,
    );
    expect(pods, 'every cluster has pods').to.equal(false);
  });

  it('undoes a dead run from what the cluster itself knows', async () => {
    const bench = await deadRun();
    const recovery = await recover(bench);
    expect(recovery.undone.map(({ fault, outcome }) => `${fault} ${outcome.state}`)).to.deep.equal([
      'silent undone',
      'swap undone',
    ]);
    expect(recovery).to.deep.include({ cluster: 'tokyo', searched: ['default'], leftovers: [], problems: [] });
    expect(bench.cluster.snapshot()).to.deep.equal(new BenchRun().cluster.snapshot());
  });

  it('takes away plans that somebody has emptied, when nothing of their run is found any more', async () => {
    const bench = await deadRun();
    const plans = await bench.cluster.get(plansRef('default'));
    if (plans === undefined) throw new Error('the run has left its plans');
    bench.cluster.put({ ...plans, data: { ...(plans.data as object), 'plans.json': '[]' } });
    const recovery = await recover(bench);
    expect(isClean(recovery)).to.equal(true);
    expect(recovery.undone.map(({ fault }) => fault)).to.include.members(['silent', 'swap']);
    expect(await bench.cluster.get(plansRef('default'))).to.equal(undefined);
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

  /** Recovers from plans of a local journal, whose undos only note their turn. */
  async function turns(known: readonly FaultPlan[], runId?: string, bench = new BenchRun()): Promise<string[]> {
    const order: string[] = [];
    const undo = async ({ runId: run, fault }: FaultPlan): Promise<UndoOutcome> => {
      order.push(`${run} ${fault}`);
      return { state: 'undone', detail: '', objects: [], commands: [] };
    };
    const kindOf = (kind: string) => ({ ...faultKind(kind), undo, isData: () => true });
    const ports = {
      clock: bench.clock,
      faultKind: kindOf,
      runId,
      signal: bench.stop.signal,
      holder: 'recover-1/bench/1',
      over: new AbortController().signal,
      recoverFrom: HERE,
      say: () => {},
    };
    await recoverCluster(
      bench.cluster,
      { namespaces: ['default'], lockNamespace: 'default', kinds: FAULT_KINDS },
      known,
      ports,
    );
    return order;
  }

  const planned = (runId: string, fault: string) =>
    ({
      kind: 'imageSwap',
      runId,
      fault,
      cluster: '',
      objects: [],
      namespaces: [],
      permissions: [],
    }) as unknown as FaultPlan;

  it('undoes what a local journal knows, the last injection first, and later runs before earlier ones', async () => {
    const known = [planned('2', 'a'), planned('1', 'a'), planned('2', 'b'), planned('1', 'b'), planned('10', 'a')];
    expect(await turns(known)).to.deep.equal(['2 b', '2 a', '10 a', '1 b', '1 a']);
    expect(await turns(known, '1')).to.deep.equal(['1 b', '1 a']);
    expect(await turns([planned('1', 'a')])).to.deep.equal(['1 a']);
  });

  it('waits for whoever holds a cluster in which nothing is to be seen yet, and not where another run is meant', async () => {
    const bench = new BenchRun();
    const held = await readLease(bench.cluster, 'default');
    await writeLease(bench.cluster, 'default', held, '20261122t090000z-test/bench/1', bench.clock.wall());
    const holder = async () => (await readLease(bench.cluster, 'default')).holder;
    expect((await recover(bench, 'another')).problems).to.deep.equal([]);
    expect([await holder(), bench.clock.now()]).to.deep.equal(['20261122t090000z-test/bench/1', 0]);
    await recover(bench, '20261122t090000z-test');
    expect(await holder(), 'it was taken after a silence, and given back').to.equal(undefined);
    expect(bench.clock.now()).to.be.above(0);
  });

  it('does nothing where it is stopped while it waits for whoever holds the cluster', async () => {
    const bench = await deadRun();
    await writeLease(bench.cluster, 'default', await readLease(bench.cluster, 'default'), 'r/b/1', bench.clock.wall());
    const before = bench.cluster.snapshot();
    void bench.clock.sleep(5_000).then(() => bench.stop.abort());
    const error: unknown = await recover(bench).catch((reason: unknown) => reason);
    expect(error).to.be.instanceOf(Error);
    expect(bench.cluster.snapshot()).to.deep.equal(before);
  });

  it('undoes what both the journal and the cluster know once, in the order of the cluster', async () => {
    const bench = new BenchRun();
    await writeClusterJournal(bench.cluster, 'default', '1', [planned('1', 'a'), planned('1', 'b'), planned('1', 'c')]);
    expect(await turns([planned('1', 'b')], '1', bench)).to.deep.equal(['1 c', '1 b', '1 a']);
    expect(await readClusterJournal(bench.cluster, 'default')).to.equal(undefined);
  });

  it('leaves plans that it cannot read where they are, and says that they are there', async () => {
    const bench = new BenchRun();
    bench.cluster.add({
      ...plansRef('default'),
      metadata: { ...plansRef('default'), labels: { [RUN_LABEL]: '1' } },
      data: {},
    });
    const recovery = await recover(bench);
    expect(recovery.leftovers.map(({ ref }) => ref)).to.deep.equal(['default/configmap/faultline-run']);
    expect(recovery.problems).to.deep.equal([
      'cluster tokyo: the plans of run 1 are damaged: somebody has written there',
    ]);
  });

  it('says what it could not do, and goes on with the rest', async () => {
    const bench = await deadRun();
    const remove: typeof bench.cluster.delete = (ref, options) =>
      ref.kind === 'ConfigMap' ? Promise.reject(new Error('503 no')) : bench.cluster.delete(ref, options);
    const list = () => Promise.reject(new Error('403 no'));
    bench.seen = alteredCluster(bench.cluster, { delete: remove });
    const kept = await recover(bench);
    expect(kept.problems).to.have.length(1);
    expect(kept.problems.join()).to.match(
      /^cluster tokyo: the plans of run \S+ in ConfigMap default\/faultline-run could not be taken away: 503 no\. .*: kubectl -n default delete configmap\/faultline-run --wait=false$/,
    );
    expect(kept.leftovers.map(({ ref }) => ref)).to.deep.equal(['default/configmap/faultline-run']);
    expect(kept.undone.map(({ outcome }) => outcome.state)).to.deep.equal(['undone', 'undone']);
    bench.seen = alteredCluster(bench.cluster, { list });
    expect(await recover(bench, 'another')).to.deep.equal({
      cluster: 'tokyo',
      undone: [],
      searched: ['default'],
      leftovers: [],
      problems: ['cluster tokyo: nobody could look for leftovers: 403 no'],
    });
  });

  /** A dead run, of whose recovery the lease meets this when it is about to undo, and is looked at once more before it writes. */
  async function recoverMeeting(act: (cluster: FakeCluster) => Promise<unknown>) {
    const bench = await deadRun();
    let writes = -1;
    bench.kinds = (name) => {
      const kind = faultKind(name);
      const undo: FaultKind['undo'] = async (plan, context) => {
        if (writes < 0) {
          await act(bench.cluster);
          writes = bench.cluster.writes;
        }
        await bench.clock.sleep(6_000);
        return kind.undo(plan, context);
      };
      return { ...kind, undo };
    };
    const recovery = await recover(bench);
    return { bench, recovery, written: bench.cluster.writes - writes };
  }

  it('writes nothing once somebody else holds the cluster, and says that it was not undone', async () => {
    const holderIdentity = { op: 'replace', path: '/spec/holderIdentity', value: 'run-2/b/2' } as const;
    const { bench, recovery, written } = await recoverMeeting((cluster) =>
      cluster.patch(leaseRef('default'), [holderIdentity]),
    );
    expect(written).to.equal(0);
    expect(recovery.undone.map(({ outcome }) => outcome.state)).to.deep.equal(['failed', 'failed']);
    expect(recovery.undone[0]?.outcome.detail).to.contain('run run-2 (process 2 on host b) holds it');
    expect(await readClusterJournal(bench.cluster, 'default')).to.not.equal(undefined);
    expect((await readLease(bench.cluster, 'default')).holder).to.equal('run-2/b/2');
  });

  it('takes a lease again that somebody has deleted meanwhile', async () => {
    const { bench, recovery } = await recoverMeeting((cluster) => cluster.delete(leaseRef('default')));
    expect(isClean(recovery)).to.equal(true);
    expect(bench.cluster.snapshot()).to.deep.equal(new BenchRun().cluster.snapshot());
  });

  it('keeps the plans of a run while one of its faults is not undone', async () => {
    const bench = await deadRun();
    const undo = () => Promise.reject(new Error('no'));
    bench.kinds = (kind) => (kind === 'imageSwap' ? { ...faultKind(kind), undo } : faultKind(kind));
    const recovery = await recover(bench);
    expect(recovery.undone.map(({ outcome }) => outcome.state)).to.deep.equal(['undone', 'failed']);
    expect(await readClusterJournal(bench.cluster, 'default')).to.not.equal(undefined);
    expect(isClean(recovery)).to.equal(false);
    bench.kinds = faultKind;
    const second = await recover(bench);
    expect([isClean(second), await readClusterJournal(bench.cluster, 'default')]).to.deep.equal([true, undefined]);
  });

  it('calls a cluster clean only with nothing undone half, left, or unasked', () => {
    const clean = { cluster: 'tokyo', searched: [], undone: [], leftovers: [], problems: [] };
    const outcome = (state: UndoOutcome['state']): UndoOutcome => ({ state, detail: '', objects: [], commands: [] });
    const undone = (state: UndoOutcome['state']) => [{ runId: '1', fault: 'a', outcome: outcome(state) }];
    expect(isClean({ ...clean, undone: undone('undone') })).to.equal(true);
    expect(isClean({ ...clean, undone: [...undone('conflict'), ...undone('undone')] })).to.equal(false);
    expect(isClean({ ...clean, undone: undone('failed') })).to.equal(false);
    expect(isClean({ ...clean, leftovers: [{ runId: '1', ref: 'r', command: 'c' }] })).to.equal(false);
    expect(isClean({ ...clean, problems: ['no'] })).to.equal(false);
  });
});
