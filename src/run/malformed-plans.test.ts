import { expect } from 'chai';
import { FAULT_KINDS } from '../faults/index.ts';
import type { FaultPlan } from '../model/fault.ts';
import { KINDS, PLAN_ANNOTATION, RUN_LABEL } from '../model/kubernetes.ts';
import type { Json } from '../model/scenario.ts';
import { readClusterJournal, writeClusterJournal } from './cluster-journal.ts';
import { readLease, writeLease } from './lease-record.ts';
import { plansRef } from './lock-objects.ts';
import { isClean, type RecoverResult, recoverCluster } from './recover.ts';
import { BenchRun, DOWN } from './testing/bench-run.ts';
import { DeadManHost } from './testing/dead-man-host.ts';
import { recoverPorts } from './testing/recover-ports.ts';

const ONE = { kind: 'Deployment', namespace: 'default', name: 'mockb' };
const PLANS_LEFT = 'default/configmap/faultline-run';

type Dead = { readonly bench: BenchRun; readonly plan: FaultPlan; readonly before: unknown };

/** A run that has died with its fault on, and its plans in the cluster. */
async function dead(): Promise<Dead> {
  const bench = new BenchRun();
  const before = besideLock(bench);
  const [fault] = (await bench.plan([DOWN])).faults;
  if (fault === undefined) throw new Error('a fault is planned');
  const { kind, plan } = fault;
  const { cluster, clock, stop } = bench;
  await writeClusterJournal(cluster, 'default', plan.runId, [plan]);
  const context = { runId: plan.runId, cluster, clock, now: () => 0, signal: stop.signal, onAffected: () => {} };
  await kind.inject(plan, context);
  return { bench, plan, before };
}

function besideLock({ cluster }: BenchRun): unknown {
  return (cluster.snapshot() as { kind: string }[]).filter(({ kind }) => !['Lease', 'ConfigMap'].includes(kind));
}

/** What is no plan of anything, nor what an object tells of one. */
const malformed = (plan: Json): readonly Json[] => [
  ...[null, 1, true, 'x', [], {}, [plan]],
  ...[{ kind: 7 }, { fault: null }, { runId: {} }, { objects: null }, { objects: [null] }, { objects: [ONE, {}] }].map(
    (wrong) => ({ ...(plan as object), ...wrong }),
  ),
];

/** What lacks something that only a whole plan has. */
const halved = (plan: Json): readonly Json[] =>
  [
    { cluster: [] },
    { namespaces: null },
    { namespaces: [1] },
    { permissions: {} },
    { permissions: [{ ...KINDS.pod, verb: 'get', namespace: '' }, null] },
  ].map((wrong) => ({ ...(plan as object), ...wrong }));

async function writePlans({ cluster }: BenchRun, plans: readonly unknown[]): Promise<void> {
  const object = await cluster.get(plansRef('default'));
  if (object === undefined) throw new Error('the plans are there');
  cluster.put({ ...object, data: { 'plans.json': JSON.stringify(plans) } });
}

async function hold({ cluster, clock }: BenchRun, { runId }: FaultPlan): Promise<void> {
  await writeLease(cluster, 'default', await readLease(cluster, 'default'), `${runId}/b/1`, clock.wall());
}

function recover({ cluster, clock, stop }: BenchRun, known: readonly FaultPlan[] = []): Promise<RecoverResult> {
  const scope = { namespaces: ['default'], lockNamespace: 'default', kinds: FAULT_KINDS };
  return recoverCluster(cluster, scope, known, recoverPorts(clock, stop.signal));
}

const states = ({ undone }: RecoverResult) => undone.map(({ fault, outcome }) => `${fault} ${outcome.state}`).sort();

describe('plans that nobody can make sense of', () => {
  it('keep no other fault on where they stand among the plans in a cluster, and are named until somebody takes them away', async () => {
    const { plan } = await dead();
    for (const wrong of [...malformed(plan as unknown as Json), ...halved(plan as unknown as Json)]) {
      for (const sound of [[], [plan]]) {
        const { bench, before } = await dead();
        await writePlans(bench, [wrong, ...sound]);
        const text = JSON.stringify([wrong, ...sound]);
        const { runId } = plan;
        expect(await readClusterJournal(bench.cluster, 'default'), text).to.deep.equal({
          runId,
          plans: structuredClone(sound),
          damaged: true,
          held: false,
        });
        const result = await recover(bench, sound.length === 0 ? [plan] : []);
        expect(states(result), text).to.deep.equal(['down undone']);
        expect([result.leftovers.map(({ ref }) => ref), isClean(result)], text).to.deep.equal([[PLANS_LEFT], false]);
        expect(besideLock(bench), text).to.deep.equal(before);
      }
    }
  });

  it('keep no fault on that stands on its objects alone', async () => {
    const { bench, before } = await dead();
    await writePlans(bench, [null]);
    expect(states(await recover(bench))).to.deep.equal(['down undone']);
    expect(besideLock(bench)).to.deep.equal(before);
  });

  it('keep no other fault on where they stand on an object, which is named', async () => {
    const { plan } = await dead();
    for (const wrong of malformed(plan as unknown as Json)) {
      const { bench } = await dead();
      const text = JSON.stringify(wrong);
      const metadata = { name: 'odd', namespace: 'default', labels: { [RUN_LABEL]: plan.runId } };
      bench.cluster.add({
        ...KINDS.networkPolicy,
        metadata: { ...metadata, annotations: { [PLAN_ANNOTATION]: text } },
      });
      bench.cluster.objects.delete('ConfigMap default/faultline-run');
      const result = await recover(bench);
      expect(states(result), text).to.deep.equal(['down undone']);
      expect(
        result.leftovers.map(({ ref }) => ref),
        text,
      ).to.deep.equal(['default/networkpolicy/odd']);
    }
  });

  it('fail by themselves where their data is none of their kind, or they are of an old journal', async () => {
    const { bench, plan, before } = await dead();
    await writePlans(bench, [plan, { ...plan, fault: 'other', data: null }, { ...plan, fault: 'new', kind: 'newer' }]);
    const old = { ...plan, fault: 'old', permissions: null } as unknown as FaultPlan;
    const result = await recover(bench, [old]);
    expect(states(result)).to.deep.equal(['down undone', 'new failed', 'old failed', 'other failed']);
    expect(besideLock(bench)).to.deep.equal(before);
    const told = Object.fromEntries(result.undone.map(({ fault, outcome }) => [fault, outcome]));
    const look = 'kubectl -n default get configmap/faultline-run -o yaml';
    expect([told.new?.commands, told.other?.commands]).to.deep.equal([[look], [look]]);
    expect(told.other?.detail).to.contain('cluster tokyo, ConfigMap default/faultline-run: its data is none of scale');
    expect(told.new?.detail).to.contain('fault kind newer is not known');
    expect(told.old?.detail)
      .to.contain('the local journal: it lacks what every plan has')
      .and.contain('delete the run');
    expect(result.leftovers.map(({ ref }) => ref)).to.deep.equal([PLANS_LEFT]);
  });

  it('keep an armed dead-man from nothing: it puts back what objects tell of, and says that they are damaged', async () => {
    const { plan: some } = await dead();
    for (const wrong of [...malformed(some as unknown as Json), { ...some, fault: 'new', kind: 'newer' }]) {
      const { bench, plan, before } = await dead();
      const { cluster, clock } = bench;
      const text = JSON.stringify(wrong);
      await hold(bench, plan);
      const host = new DeadManHost(cluster, clock);
      const order = ['--run', plan.runId, '--cluster', 'tokyo', '--lock-namespace', 'default'];
      const { promise, resolve } = Promise.withResolvers<void>();
      const ended = host.start([...order, '--namespaces', 'default', '--after', '3600'], resolve);
      await promise;
      // As long as its run lives it only looks.
      for (let renewed = 0; renewed < 5; renewed++) {
        await clock.sleep(10_000);
        await hold(bench, plan);
      }
      await writePlans(bench, [wrong]);
      await clock.sleep(200_000);
      expect(host.said.join('\n'), text).to.contain('fault down: undone');
      expect(besideLock(bench), text).to.deep.equal(before);
      expect(host.ends, text).to.deep.equal([]);
      const isNewer = (wrong as { kind?: unknown } | null)?.kind === 'newer';
      expect(host.said.join('\n'), text).to.contain(isNewer ? 'fault new: failed' : `${plan.runId} are damaged`);
      cluster.objects.delete('ConfigMap default/faultline-run');
      await clock.sleep(200_000);
      await ended;
      expect(host.ends, text).to.deep.equal([true]);
    }
  });

  const wrongs = (plan: FaultPlan): [unknown, string][] => [
    [null, `${plan.runId} are damaged`],
    [{ ...plan, fault: 'other', runId: 'x' }, `${plan.runId} are damaged`],
    [{ ...plan, fault: 'other', data: null }, 'other: its data is none of scale'],
    [{ ...plan, fault: 'other', kind: 'newer' }, 'other: fault kind newer is not known'],
  ];

  it('arm no dead-man, which says so to a run that lives', async () => {
    for (const [wrong, why] of wrongs((await dead()).plan)) {
      const { bench, plan } = await dead();
      await writePlans(bench, [plan, wrong]);
      const host = new DeadManHost(bench.cluster, bench.clock);
      const order = ['--run', plan.runId, '--cluster', 'tokyo', '--lock-namespace', 'default'];
      await hold(bench, plan);
      void bench.clock.sleep(5_000).then(() => hold(bench, plan));
      await host.start([...order, '--namespaces', 'default', '--after', '3600'], () => expect.fail('it is not armed'));
      expect(host.ends[0], why).to.include({ code: 'JOURNAL' });
      expect(String(host.ends[0])).to.contain(why);
    }
  });

  it('end no dead-man that is started again when its run is dead: it puts back what is sound, and what objects tell', async () => {
    for (const isTold of [true, false]) {
      for (const [wrong, why] of wrongs((await dead()).plan)) {
        const { bench, plan, before } = await dead();
        await writePlans(bench, isTold ? [wrong, plan] : [wrong]);
        const host = new DeadManHost(bench.cluster, bench.clock);
        const order = ['--run', plan.runId, '--cluster', 'tokyo', '--lock-namespace', 'default'];
        const args = [...order, '--namespaces', 'default', '--after', '3600'];
        const ended = host.start(args, () => expect.fail('it is not armed'));
        await bench.clock.sleep(100_000);
        expect(besideLock(bench), why).to.deep.equal(before);
        expect([host.ends, host.said.join().includes('down: undone')], why).to.deep.equal([[], true]);
        bench.cluster.objects.delete('ConfigMap default/faultline-run');
        await bench.clock.sleep(100_000);
        await ended;
        expect(host.ends, why).to.deep.equal([true]);
      }
    }
  });
});
