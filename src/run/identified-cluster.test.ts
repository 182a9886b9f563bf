import { expect } from 'chai';
import { alteredCluster } from '../faults/altered-cluster.ts';
import { FAULT_KINDS, faultKind } from '../faults/index.ts';
import { FakeCluster } from '../faults/testing/fake-cluster.ts';
import { FaultlineError } from '../model/errors.ts';
import { KINDS } from '../model/kubernetes.ts';
import type { Cluster } from '../model/ports.ts';
import { readClusterJournal } from './cluster-journal.ts';
import { identifiedCluster } from './identified-cluster.ts';
import { readLease, writeLease } from './lease-record.ts';
import { isClean, recoverCluster } from './recover.ts';
import { BenchRun, DOWN, HERE } from './testing/bench-run.ts';
import { virtualClock } from './testing/virtual-clock.ts';

const REF = { ...KINDS.pod, namespace: 'default', name: 'a' };
const POD = { ...KINDS.pod, metadata: { namespace: 'default', name: 'a' } };
const MEMBERS = ['get', 'list', 'create', 'patch', 'delete', 'exec', 'identity'] as const;

/** An address that leads to a cluster until it is told to lead to another one. */
function addressOf(first: Cluster): { readonly cluster: Cluster; lead: (to: Cluster) => void } {
  let there = first;
  const asked =
    (name: (typeof MEMBERS)[number]) =>
    (...args: unknown[]) =>
      Reflect.apply(there[name] as (...all: unknown[]) => unknown, there, args);
  const members = Object.fromEntries(MEMBERS.map((name) => [name, asked(name)])) as Partial<Cluster>;
  return {
    cluster: alteredCluster(first, members),
    lead: (to) => {
      there = to;
    },
  };
}

/** The same objects in a cluster of its own. */
function anotherCluster(): FakeCluster {
  const { cluster } = new BenchRun();
  const who = { uid: 'another', server: 'http://127.0.0.9:1', version: 'v1.36.0' };
  return Object.assign(cluster, { identity: async () => who });
}

const ends = (asked: Promise<unknown>): Promise<string> =>
  asked.then(
    () => 'done',
    (error: unknown) => (error instanceof FaultlineError ? error.code : String(error)),
  );

describe('a cluster that is known by its UID', () => {
  it('says and does nothing while another one answers at its address, and goes on when it is back', async () => {
    const [own, other, clock] = [new FakeCluster(), anotherCluster(), virtualClock()];
    own.add(POD);
    const address = addressOf(own);
    const cluster = identifiedCluster(address.cluster, 'uid-of-tokyo', clock);
    const all = async () => [
      await ends(cluster.get(REF)),
      await ends(cluster.get({ ...REF, name: 'absent' })),
      await ends(cluster.list(KINDS.node, {})),
      await ends(cluster.create({ ...POD, metadata: { namespace: 'default', name: `b${clock.now()}` } })),
      await ends(cluster.patch(REF, [{ op: 'add', path: '/metadata/labels', value: {} }])),
      await ends(cluster.delete({ ...REF, name: 'absent' })),
    ];
    expect(new Set(await all())).to.deep.equal(new Set(['done']));
    address.lead(other);
    await clock.sleep(1_000);
    const { writes } = other;
    other.before = ({ verb, kind }) => {
      if (verb === 'list' && kind === 'Node') throw new FaultlineError('KIND_NOT_SERVED', 'no nodes here');
    };
    expect(new Set(await all())).to.deep.equal(new Set(['TARGET_MISMATCH']));
    expect(other.writes).to.equal(writes);
    address.lead(own);
    expect(new Set(await all())).to.deep.equal(new Set(['done']));
  });

  it('is asked who it is four times a second at the most, with reads, and before writes', async () => {
    const [own, clock] = [new FakeCluster(), virtualClock()];
    const asked: string[] = [];
    const identity: Cluster['identity'] = () => {
      asked.push('who');
      return own.identity();
    };
    own.before = ({ verb }) => void asked.push(verb);
    const cluster = identifiedCluster(alteredCluster(own, { identity }), 'uid-of-tokyo', clock);
    await Promise.all([cluster.get(REF), cluster.list(KINDS.pod, {})]);
    await cluster.create(POD);
    expect(asked).to.deep.equal(['who', 'get', 'list', 'create']);
    await clock.sleep(300);
    await cluster.delete(REF);
    expect(asked.slice(4)).to.deep.equal(['who', 'delete']);
  });

  it('fails as what is asked of it does, and where nobody can tell who answers, which is asked again at once', async () => {
    const [own, clock] = [new FakeCluster(), virtualClock()];
    let isKnown = false;
    const identity: Cluster['identity'] = async () => {
      if (!isKnown) throw new FaultlineError('TARGET_UNREACHABLE', 'no answer');
      return own.identity();
    };
    const cluster = identifiedCluster(alteredCluster(own, { identity }), 'uid-of-tokyo', clock);
    own.add(POD);
    expect([await ends(cluster.get(REF)), await ends(cluster.delete(REF))]).to.deep.equal([
      'TARGET_UNREACHABLE',
      'TARGET_UNREACHABLE',
    ]);
    own.before = () => {
      throw new FaultlineError('PERMISSION_DENIED', '403');
    };
    expect(await ends(cluster.get(REF))).to.equal('PERMISSION_DENIED');
    own.before = () => {};
    isKnown = true;
    expect([await ends(cluster.get(REF)), await ends(cluster.delete(REF))]).to.deep.equal(['done', 'done']);
  });
});

describe('a run whose address leads to another cluster', () => {
  const replicasIn = ({ objects }: FakeCluster) =>
    [...objects.values()]
      .filter(({ kind }) => kind === 'Deployment')
      .map(({ spec }) => (spec as { replicas: number }).replicas);

  /** What a run comes to whose address leads elsewhere from some time in a phase on, for as long as it goes on. */
  async function ledAway(phase: string, afterMs = 0, fault = DOWN) {
    const [bench, other] = [new BenchRun(), anotherCluster()];
    const address = addressOf(bench.cluster);
    bench.seen = address.cluster;
    const before = { own: replicasIn(bench.cluster), other: other.snapshot() };
    bench.onEvent = (event) => {
      if (event.type === 'phase-start' && event.phase === phase)
        void bench.clock.sleep(afterMs).then(() => address.lead(other));
    };
    const end = await bench.run([fault]);
    return { bench, other, before, end, address };
  }

  it('is none that has put anything back, and is recovered when the address leads back', async () => {
    const { bench, other, before, address } = await ledAway('hold');
    expect(bench.steps()).to.include('down undo-failed').and.not.include('down undone');
    expect(bench.entries.map(({ state }) => state))
      .to.not.include.members(['closed'])
      .and.not.include('released');
    expect(bench.events.some((event) => event.type === 'leftovers' && event.objects.length > 0)).to.equal(true);
    expect(JSON.stringify(bench.events)).to.contain('another cluster answers at http://127.0.0.9:1 by now');
    expect(other.snapshot()).to.deep.equal(before.other);
    expect(replicasIn(bench.cluster)).to.not.deep.equal(before.own);
    address.lead(bench.cluster);
    const recovery = await recoverCluster(
      bench.cluster,
      { namespaces: ['default'], lockNamespace: 'default', kinds: FAULT_KINDS },
      [],
      portsOf(bench),
    );
    expect(isClean(recovery)).to.equal(true);
    expect(replicasIn(bench.cluster)).to.deep.equal(before.own);
  });

  it('writes nothing into that one where it does so before the first fault', async () => {
    const { bench, other, before, end } = await ledAway('inject', 300, { ...DOWN, afterMs: 3_000 });
    expect(end.status).to.not.equal('completed');
    expect(bench.steps()).to.not.include('down acknowledged');
    expect(other.snapshot()).to.deep.equal(before.other);
    expect(replicasIn(bench.cluster)).to.deep.equal(before.own);
  });
});

describe('a recovery whose address leads to another cluster', () => {
  it('finds nothing recovered elsewhere, nor nothing left', async () => {
    const [bench, other] = [new BenchRun(), anotherCluster()];
    const [fault] = (await bench.plan([DOWN])).faults;
    if (fault === undefined) throw new Error('the bench has a fault');
    const { runId } = fault.plan;
    const context = { runId, cluster: bench.cluster, clock: bench.clock, now: () => 0, signal: bench.stop.signal };
    await fault.kind.inject(fault.plan, { ...context, onAffected: () => {} });
    const lease = await readLease(bench.cluster, 'default');
    await writeLease(bench.cluster, 'default', lease, `${runId}/a/1`, bench.clock.wall());
    const address = addressOf(bench.cluster);
    const cluster = identifiedCluster(address.cluster, 'uid-of-tokyo', bench.clock);
    // It waits for a minute to see whether the run lives.
    void bench.clock.sleep(20_000).then(() => address.lead(other));
    const scope = { namespaces: ['default'], lockNamespace: 'default', kinds: FAULT_KINDS };
    expect(await ends(recoverCluster(cluster, scope, [fault.plan], portsOf(bench)))).to.equal('TARGET_MISMATCH');
    expect(await readClusterJournal(other, 'default')).to.equal(undefined);
  });
});

function portsOf({ clock, stop }: BenchRun) {
  const over = new AbortController().signal;
  const ports = { clock, over, faultKind, runId: undefined, signal: stop.signal, holder: 'recover-1/a/1' };
  return { ...ports, recoverFrom: HERE, say: () => {} };
}
