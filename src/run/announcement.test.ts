import { expect } from 'chai';
import { FaultlineError } from '../model/errors.ts';
import type { FaultPlan } from '../model/fault.ts';
import { KINDS, type KubeObject, type ObjectRef, RUN_LABEL } from '../model/kubernetes.ts';
import type { Cluster } from '../model/ports.ts';
import { Announcement } from './announcement.ts';
import { deleteClusterJournal, readClusterJournal, writeClusterJournal } from './cluster-journal.ts';
import { plansRef } from './lock-objects.ts';
import type { PlannedRun } from './planned-run.ts';
import { alteredCluster } from './testing/altered-cluster.ts';
import { BenchRun, SWAP } from './testing/bench-run.ts';
import type { OpenCluster } from './wiring.ts';

/** A bench whose cluster refuses to delete the plans so many times. */
function stubborn(times: number): { bench: BenchRun; tries: () => number } {
  const bench = new BenchRun();
  let tries = 0;
  const remove = async (ref: ObjectRef, options: object) => {
    if (ref.kind === 'ConfigMap' && tries++ < times) throw new FaultlineError('KUBE_API', '503 come again');
    return bench.cluster.delete(ref, options);
  };
  bench.seen = alteredCluster(bench.cluster, { delete: remove });
  return { bench, tries: () => tries };
}

function clusterOf({ clusters }: PlannedRun, name: string): Cluster {
  const found = clusters.get(name);
  if (found === undefined) throw new Error(`no cluster ${name}`);
  return found.cluster;
}

const leftIn = (bench: BenchRun) =>
  bench.events.flatMap((event) => (event.type === 'leftovers' ? event.objects.map(({ ref }) => ref) : []));

const noticesOf = (bench: BenchRun) => bench.events.flatMap((event) => (event.type === 'notice' ? [event.text] : []));

const states = (bench: BenchRun) => bench.entries.map(({ state }) => state);

describe('the plans in the cluster', () => {
  it('have one place, whatever the targets file allows: two runs with nothing in common meet there', async () => {
    const bench = new BenchRun();
    const { cluster } = bench;
    const shop = {
      name: 'shop',
      clusters: [],
      namespaces: ['shop', 'default'],
      lockNamespace: 'default',
      observe: { namespaces: ['shop'] },
    };
    const end = bench.run([SWAP], shop);
    await bench.clock.sleep(15_000);
    expect((await readClusterJournal(cluster, 'default'))?.runId).to.equal('20261122t090000z-test');
    const other = new BenchRun();
    other.seen = alteredCluster(other.cluster, {
      get: (ref) => (ref.kind === 'ConfigMap' ? cluster : other.cluster).get(ref),
    });
    const { status, reason } = await other.run([SWAP]);
    const undoFirst = '(Undo it first: faultline recover --scan --target <targets file>)';
    const why = `cluster tokyo: run 20261122t090000z-test has not been undone ${undoFirst}`;
    expect([status, reason]).to.deep.equal(['refused', why]);
    expect(await end).to.deep.equal({ status: 'completed' });
  });

  it('let only one of two runs begin that look at the same moment', async () => {
    const { cluster } = new BenchRun();
    const create = async (object: KubeObject) => {
      if ([...cluster.objects.values()].some(({ kind }) => kind === 'ConfigMap'))
        throw new FaultlineError('FAULT_CONFLICT', '409 it exists');
      return cluster.create(object);
    };
    const strict = alteredCluster(cluster, { create });
    const tries = await Promise.allSettled(
      ['one', 'two'].map((run) => writeClusterJournal(strict, 'default', run, [])),
    );
    const refused = tries.flatMap((one) => (one.status === 'rejected' ? [one.reason] : []));
    expect(refused).to.have.length(1);
    expect(refused[0]).to.include({ code: 'OPEN_RUN', message: 'cluster tokyo: run one has not been undone' });
    expect(refused[0].hint).to.contain('faultline recover --scan --target');
  });

  it('pass on why they cannot be written', async () => {
    const { cluster } = new BenchRun();
    const create = () => Promise.reject(new FaultlineError('KUBE_API', '500 no'));
    const broken = alteredCluster(cluster, { create });
    const error = await writeClusterJournal(broken, 'default', 'one', []).catch((reason: unknown) => reason);
    expect(error).to.include({ code: 'KUBE_API', message: '500 no' });
  });

  it('are taken away by their own run only', async () => {
    const { cluster, clock } = new BenchRun();
    await writeClusterJournal(cluster, 'default', 'one', []);
    await deleteClusterJournal(cluster, 'default', 'two', clock);
    expect((await readClusterJournal(cluster, 'default'))?.runId).to.equal('one');
    await deleteClusterJournal(cluster, 'default', 'one', clock);
    expect(await readClusterJournal(cluster, 'default')).to.equal(undefined);
    await deleteClusterJournal(cluster, 'default', 'one', clock);
  });

  it('are their run’s though somebody has taken their label off, or put another one on', async () => {
    for (const labels of [{}, { [RUN_LABEL]: 'two' }]) {
      const { cluster, clock } = new BenchRun();
      const plan = { kind: 'noop', cluster: 'tokyo', objects: [], namespaces: [], permissions: [] };
      const plans = [{ ...plan, runId: 'one', fault: 'a' } as unknown as FaultPlan];
      await writeClusterJournal(cluster, 'default', 'one', plans);
      const object = await cluster.get(plansRef('default'));
      if (object !== undefined) cluster.add({ ...object, metadata: { ...object.metadata, labels } });
      expect((await readClusterJournal(cluster, 'default'))?.runId).to.equal('one');
      await deleteClusterJournal(cluster, 'default', 'one', clock);
      expect(await readClusterJournal(cluster, 'default')).to.equal(undefined);
    }
  });

  it('hold nothing that can be read: that is said, and nobody is named as their run', async () => {
    for (const data of [undefined, {}, { 'plans.json': '{' }, { 'plans.json': '{}' }]) {
      const { cluster } = new BenchRun();
      cluster.add({
        ...KINDS.configMap,
        metadata: { ...plansRef('default') },
        ...(data === undefined ? {} : { data }),
      });
      expect(await readClusterJournal(cluster, 'default')).to.deep.equal({
        runId: 'unknown',
        plans: [],
        damaged: true,
        held: false,
      });
    }
  });

  it('are waited for and taken away where nobody heard of their creation, which may come yet', async () => {
    const bench = new BenchRun();
    const { cluster, clock } = bench;
    const create: Cluster['create'] = async (object, options) => {
      if (object.kind !== KINDS.configMap.kind) return cluster.create(object, options);
      void clock.sleep(20_000).then(() => cluster.create(object, options));
      throw new FaultlineError('TARGET_UNREACHABLE', 'no answer');
    };
    bench.seen = alteredCluster(cluster, { create });
    expect((await bench.run([SWAP])).status).to.equal('refused');
    await clock.sleep(60_000);
    expect(await cluster.list(KINDS.configMap, {})).to.deep.equal([]);
    expect(states(bench)).to.deep.equal(['announced', 'released']);
  });

  it('are asked for again when they cannot be taken away at once', async () => {
    const { bench, tries } = stubborn(4);
    expect(await bench.run([SWAP])).to.deep.equal({ status: 'completed' });
    expect(tries()).to.equal(5);
    expect(leftIn(bench)).to.deep.equal([]);
    expect(states(bench).at(-1)).to.equal('released');
  });

  it('that stay are said to be left behind, and the journal does not say that they are gone', async () => {
    const { bench, tries } = stubborn(Number.POSITIVE_INFINITY);
    const end = await bench.run([SWAP]);
    expect(end).to.deep.equal({ status: 'completed' });
    expect(tries()).to.equal(5);
    expect(leftIn(bench)).to.deep.equal(['default/configmap/faultline-run']);
    expect(states(bench)).to.include('closed').and.not.include('released');
    expect(noticesOf(bench)).to.include(
      'cluster tokyo: the plans of run 20261122t090000z-test in ConfigMap default/faultline-run could not be taken away: 503 come again. While they are there, the next run is refused, and a recovery that does not read the journal of this run takes its faults for open: kubectl -n default delete configmap/faultline-run --wait=false',
    );
  });

  it('that stay after a run without any fault are said to be left behind, too', async () => {
    const { bench } = stubborn(Number.POSITIVE_INFINITY);
    bench.onEvent = (event) => {
      if (event.type === 'phase-start' && event.phase === 'inject') bench.steady = false;
    };
    const end = await bench.run([SWAP]);
    expect(end.status).to.equal('refused');
    expect(leftIn(bench)).to.deep.equal(['default/configmap/faultline-run']);
    expect(bench.steps()).to.not.include('phase undo');
  });

  it('are not looked for after a run that has not written any', async () => {
    const bench = new BenchRun();
    bench.steady = false;
    await bench.run([SWAP]);
    expect(bench.events.filter(({ type }) => type === 'leftovers')).to.deep.equal([]);
    expect(states(bench)).to.deep.equal(['released']);
  });

  it('are not written where the journal cannot be', async () => {
    const bench = new BenchRun();
    bench.beforeJournal = (entry) => {
      if (entry.state === 'announced') throw new FaultlineError('JOURNAL', 'disk full');
    };
    expect((await bench.run([SWAP])).status).to.equal('refused');
    expect(bench.cluster.writes).to.equal(0);
  });
});

describe('the plans in several clusters', () => {
  /** A run with a fault in tokyo and one in osaka, which has nothing to do with kobe. */
  async function threeClusters() {
    const bench = new BenchRun();
    const run = await bench.plan([SWAP]);
    const [fault] = run.faults;
    const [tokyo] = run.clusters.values();
    if (fault === undefined || tokyo === undefined) throw new Error('the bench has a fault in a cluster');
    const others = Object.fromEntries(['osaka', 'kobe'].map((name) => [name, new BenchRun().cluster]));
    const opened = Object.entries(others).map(([name, cluster]): [string, OpenCluster] => [
      name,
      { ...tokyo, context: name, cluster: alteredCluster(cluster, { name }) },
    ]);
    const clusters = new Map([...run.clusters, ...opened]);
    const there = { ...fault, plan: { ...fault.plan, fault: 'there', cluster: 'osaka' } };
    return { bench, others, run: { ...run, clusters, faults: [fault, there] } };
  }

  const plansIn = async (cluster: Cluster | undefined) =>
    cluster && (await readClusterJournal(cluster, 'default'))?.plans.map(({ fault }) => fault);

  it('are those of the faults of each, and go away everywhere', async () => {
    const { bench, others, run } = await threeClusters();
    const announcement = new Announcement(run, bench.ports(), (name) => clusterOf(run, name));
    await announcement.make(() => {});
    expect(await plansIn(bench.cluster)).to.deep.equal(['swap']);
    expect(await plansIn(others.osaka)).to.deep.equal(['there']);
    expect(await plansIn(others.kobe)).to.equal(undefined);
    expect(await announcement.takeBack(new AbortController().signal)).to.equal(true);
    expect([await plansIn(bench.cluster), await plansIn(others.osaka)]).to.deep.equal([undefined, undefined]);
    const names = bench.entries.map((entry) => {
      if (entry.state === 'announced') return `${entry.state} ${entry.cluster.name}`;
      return `${entry.state} ${entry.state === 'released' ? entry.cluster : ''}`;
    });
    expect(names.slice(0, 2)).to.deep.equal(['announced tokyo', 'announced osaka']);
    expect(names.slice(2)).to.have.members(['released tokyo', 'released osaka', 'released kobe']);
  });

  it('are gone from a cluster where nothing is open any more when its closing ends, or stay where they cannot be', async () => {
    for (const refuses of [false, true]) {
      const { bench, others, run } = await threeClusters();
      const slow = alteredCluster(bench.cluster, {
        delete: async (ref, options) => {
          await bench.clock.sleep(2_000);
          if (refuses) throw new FaultlineError('PERMISSION_DENIED', '403 no');
          return bench.cluster.delete(ref, options);
        },
      });
      const announcement = new Announcement(run, bench.ports(), (name) =>
        name === 'tokyo' ? slow : clusterOf(run, name),
      );
      await announcement.make(() => {});
      await announcement.closeIn('tokyo', [], new AbortController().signal);
      expect(await plansIn(bench.cluster)).to.deep.equal(refuses ? ['swap'] : undefined);
      expect(await plansIn(others.osaka), 'another one').to.deep.equal(['there']);
    }
  });

  it('are taken back where they were written when a later cluster refuses them', async () => {
    const { bench, others, run } = await threeClusters();
    if (others.osaka !== undefined) await writeClusterJournal(others.osaka, 'default', 'another', []);
    const announcement = new Announcement(run, bench.ports(), (name) => clusterOf(run, name));
    const refused = await announcement.make(() => {}).catch((error: unknown) => error);
    expect(refused).to.include({ code: 'OPEN_RUN' });
    expect(await announcement.takeBack(new AbortController().signal)).to.equal(true);
    expect(await plansIn(bench.cluster)).to.equal(undefined);
    expect((others.osaka && (await readClusterJournal(others.osaka, 'default')))?.runId).to.equal('another');
  });
});
