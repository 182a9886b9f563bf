import { expect } from 'chai';
import { KINDS, type KubeObject, RUN_LABEL } from '../../model/kubernetes.ts';
import { readClusterJournal, writeClusterJournal } from '../cluster-journal.ts';
import { readLease, writeLease } from '../lease-record.ts';
import { BenchRun, BLACKHOLE, DOWN, SWAP } from '../testing/bench-run.ts';
import { DeadManHost } from '../testing/dead-man-host.ts';

const RUN = '20261122t090000z-test';
const OTHER = '20261122t100000z-else';
const ORDER = `--run ${RUN} --cluster tokyo --lock-namespace default --namespaces default --after 3600`;
const PLANS = 'ConfigMap default/faultline-run';

/** A run with two faults on, whose lease is in its name. */
async function living(): Promise<{ bench: BenchRun; before: unknown }> {
  const bench = new BenchRun();
  const before = besideLock(bench);
  const run = await bench.plan([SWAP, BLACKHOLE]);
  const plans = run.faults.map(({ plan }) => plan);
  await writeClusterJournal(bench.cluster, 'default', RUN, plans);
  const { cluster, clock } = bench;
  const context = { runId: RUN, cluster, clock, now: () => 0, signal: bench.stop.signal, onAffected: () => {} };
  for (const { kind, plan } of run.faults) await kind.inject(plan, context);
  await renew(bench);
  return { bench, before };
}

async function renew({ cluster, clock }: BenchRun): Promise<void> {
  await writeLease(cluster, 'default', await readLease(cluster, 'default'), `${RUN}/bench/1`, clock.wall());
}

const besideLock = ({ cluster }: BenchRun) =>
  (cluster.snapshot() as { kind: string }[]).filter(({ kind }) => !['Lease', 'ConfigMap'].includes(kind));

/** Changes the plans in place, as somebody with kubectl does. */
function edit({ cluster }: BenchRun, change: (plans: KubeObject, list: unknown[]) => void): void {
  const object = structuredClone(cluster.objects.get(PLANS)) as KubeObject & { data: Record<string, string> };
  const list = JSON.parse(object.data['plans.json'] ?? '[]') as unknown[];
  change(object, list);
  cluster.put(object);
}

function setPlans(object: KubeObject, text: string | undefined): void {
  Object.assign(object, { data: text === undefined ? {} : { 'plans.json': text } });
}

/** What may have become of the plans while the faults are on. */
const WAYS: Record<string, (bench: BenchRun) => void> = {
  'were emptied': (bench) => edit(bench, (object) => setPlans(object, '[]')),
  'were emptied, with their label': (bench) =>
    edit(bench, (object) => {
      setPlans(object, '[]');
      object.metadata.labels = {};
    }),
  'were deleted': ({ cluster }) => void cluster.objects.delete(PLANS),
  'are no JSON any more': (bench) => edit(bench, (object) => setPlans(object, '[{')),
  'have no data': (bench) => edit(bench, (object) => setPlans(object, undefined)),
  'are no JSON and have no label': (bench) =>
    edit(bench, (object) => {
      setPlans(object, '{}');
      object.metadata.labels = {};
    }),
  'lack one of two': (bench) => edit(bench, (object, list) => setPlans(object, JSON.stringify(list.slice(0, 1)))),
  'lack the other one': (bench) => edit(bench, (object, list) => setPlans(object, JSON.stringify(list.slice(1)))),
  'are those of another run': (bench) =>
    edit(bench, (object, list) => {
      const others = list.map((plan) => ({ ...(plan as object), runId: OTHER }));
      setPlans(object, JSON.stringify(others));
      object.metadata.labels = { [RUN_LABEL]: OTHER };
    }),
};

describe('a dead-man whose plans', () => {
  for (const [what, happens] of Object.entries(WAYS)) {
    for (const when of ['before it was started', 'after that']) {
      it(`${what} ${when} undoes what objects tell, and is over no earlier`, async () => {
        const { bench, before } = await living();
        const host = new DeadManHost(bench.cluster, bench.clock);
        if (when === 'before it was started') happens(bench);
        void host.start(ORDER.split(' '));
        await bench.clock.sleep(20_000);
        if (when !== 'before it was started') happens(bench);
        for (let seconds = 0; seconds < 1800 && host.ends.length === 0; seconds++) await bench.clock.sleep(1_000);
        host.stop.abort();
        await bench.clock.sleep(120_000);
        expect(besideLock(bench), host.said.join('\n')).to.deep.equal(before);
        // What it cannot read, and nobody but a person can take away, it does not call over.
        const isOpen = (await readClusterJournal(bench.cluster, 'default', RUN))?.runId === RUN;
        expect(host.ends).to.deep.equal([!isOpen]);
      });
    }
  }

  it('are gone says that it cannot know, where kinds of objects may not be listed: it is never over', async () => {
    const { bench } = await living();
    bench.cluster.before = ({ verb, kind }) => {
      if (verb === 'list' && kind === KINDS.envoyFilter.kind) throw new Error('403 no EnvoyFilters');
    };
    WAYS['were emptied']?.(bench);
    const host = new DeadManHost(bench.cluster, bench.clock);
    void host.start(ORDER.split(' '));
    await bench.clock.sleep(900_000);
    expect(host.ends).to.deep.equal([]);
    expect(host.said.join('\n'))
      .to.contain('fault swap: undone')
      .and.contain('nobody could look for leftovers: 403 no EnvoyFilters')
      .and.contain(`${PLANS} has no plan of run ${RUN}`);
    expect(bench.cluster.objects.has(PLANS), 'the plans, which own its Job').to.equal(true);
    host.stop.abort();
    await bench.clock.sleep(120_000);
    expect(host.ends).to.deep.equal([false]);
  });

  it('are gone is not armed while the run lives', async () => {
    const { bench } = await living();
    WAYS['were emptied']?.(bench);
    const host = new DeadManHost(bench.cluster, bench.clock);
    let isLiving = true;
    const live = async () => {
      for (; isLiving; await bench.clock.sleep(15_000)) await renew(bench);
    };
    void live();
    let armed = 0;
    await host.start(ORDER.split(' '), () => armed++);
    isLiving = false;
    expect(armed).to.equal(0);
    expect(String(host.ends[0])).to.contain(`${PLANS} has no plan of run ${RUN}`);
  });

  it('were deleted is not over while its run lives, though nothing is on yet', async () => {
    const bench = new BenchRun();
    const run = await bench.plan([DOWN]);
    await writeClusterJournal(
      bench.cluster,
      'default',
      RUN,
      run.faults.map(({ plan }) => plan),
    );
    await renew(bench);
    const host = new DeadManHost(bench.cluster, bench.clock);
    void host.start(ORDER.split(' '));
    await bench.clock.sleep(10_000);
    bench.cluster.objects.delete(PLANS);
    await bench.clock.sleep(30_000);
    expect(host.ends).to.deep.equal([]);
    await bench.clock.sleep(120_000);
    expect(host.ends).to.deep.equal([true]);
  });
});
