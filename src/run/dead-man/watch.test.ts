import { expect } from 'chai';
import { FAULT_KINDS, faultKind } from '../../faults/index.ts';
import { FaultlineError } from '../../model/errors.ts';
import type { Permission } from '../../model/fault.ts';
import type { RunHeader } from '../../model/history.ts';
import { KINDS, RUN_LABEL } from '../../model/kubernetes.ts';
import type { Clock } from '../../model/ports.ts';
import type { FaultSpec, RecordedScenario } from '../../model/scenario.ts';
import { readClusterJournal, writeClusterJournal } from '../cluster-journal.ts';
import { ClusterLease } from '../cluster-lease.ts';
import { readLease, writeLease } from '../lease-record.ts';
import { executeRun } from '../machine.ts';
import { recoverCluster } from '../recover.ts';
import { askedCluster } from '../testing/asked-cluster.ts';
import { BenchRun, BLACKHOLE, HERE, KILL, SWAP } from '../testing/bench-run.ts';
import { DeadManHost, mortal } from '../testing/dead-man-host.ts';
import { DEAD_MAN_TARGET } from '../testing/dead-man-target.ts';
import { deadManPermissions } from './needs.ts';
import { watchAsDeadMan } from './watch.ts';

const RUN = '20261122t090000z-test';
const ARGS = [
  '--run',
  RUN,
  '--cluster',
  'tokyo',
  '--lock-namespace',
  'default',
  '--namespaces',
  'default',
  '--after',
  '3600',
];
/** A lease that somebody has deleted, a freeze while an undo takes its time, a pod that goes while its label is taken off, one of several faults that is left. */
const RARE = ['create Lease', 'get ConfigMap faultline-freeze', 'get Pod', 'patch ConfigMap faultline-run'];
const DEPLOYED = { cluster: 'tokyo', namespace: 'default', deployment: 'mockb-ap-northeast-1a' };
const DEPLOYMENT = { ...KINDS.deployment, namespace: 'default', name: 'mockb-ap-northeast-1a' };

const before = () => new BenchRun().cluster.snapshot();

/** The objects of a cluster that are not the lock's, which stays. */
function besideLease({ cluster }: BenchRun): unknown {
  return (cluster.snapshot() as { kind: string }[]).filter(({ kind }) => kind !== 'Lease');
}

/** What a runner leaves that has died with its faults on: plans, changed objects, and a lease in its name. */
async function died(faults = [SWAP, BLACKHOLE]): Promise<BenchRun> {
  const bench = new BenchRun();
  const run = await bench.plan(faults);
  const plans = run.faults.map(({ plan }) => plan);
  await writeClusterJournal(bench.cluster, 'default', RUN, plans);
  const { cluster, clock } = bench;
  const context = { runId: RUN, cluster, clock, now: () => 0, signal: bench.stop.signal, onAffected: () => {} };
  for (const { kind, plan } of run.faults) await kind.inject(plan, context);
  await hold(bench);
  return bench;
}

async function hold({ cluster, clock }: BenchRun): Promise<void> {
  await writeLease(cluster, 'default', await readLease(cluster, 'default'), `${RUN}/bench/1`, clock.wall());
}

/** Virtual time goes on until it is so, or an hour has passed. */
async function until(clock: Clock, isSo: () => boolean): Promise<void> {
  for (let seconds = 0; seconds < 3600 && !isSo(); seconds++) await clock.sleep(1000);
  expect(isSo(), 'within an hour').to.equal(true);
}

async function expectRecovered(bench: BenchRun): Promise<void> {
  expect(besideLease(bench)).to.deep.equal(before());
  expect(await readClusterJournal(bench.cluster, 'default')).to.equal(undefined);
}

const nameOf = ({ verb, kind, name }: Permission) => [verb, kind, ...(name === undefined ? [] : [name])].join(' ');

const covers = (granted: Permission, asked: Permission): boolean =>
  granted.verb === asked.verb &&
  granted.kind === asked.kind &&
  granted.subresource === asked.subresource &&
  granted.namespace === asked.namespace &&
  (granted.name === undefined || granted.name === asked.name);

describe('the dead-man', () => {
  it('puts everything back after the runner was killed with its fault on', async () => {
    const bench = new BenchRun();
    const host = new DeadManHost(bench.cluster, bench.clock);
    const runner = mortal(host.seen, bench.clock, { at: 0, when: 'before' });
    bench.seen = runner.cluster;
    bench.onEvent = (event) => {
      if (event.type === 'phase-start' && event.phase === 'hold') runner.living.isDead = true;
    };
    const planned = await bench.plan([SWAP], DEAD_MAN_TARGET);
    const scenario: RecordedScenario = planned.scenario;
    const header = { runId: RUN, scenario, topology: planned.topology } as RunHeader;
    void executeRun(planned, header, { ...bench.ports(), clock: runner.clock });
    await until(bench.clock, () => runner.living.isDead);
    expect(besideLease(bench)).to.not.deep.equal(before());
    await until(bench.clock, () => host.ends.length > 0);
    expect(host.ends).to.deep.equal([true]);
    await expectRecovered(bench);
    expect((await readLease(bench.cluster, 'default')).holder).to.equal(undefined);
    expect(host.said.join('\n')).to.contain('fault swap: undone');
  });

  it('lets a run that lives do it all, and goes with its plans', async () => {
    const bench = new BenchRun();
    const host = new DeadManHost(bench.cluster, bench.clock);
    bench.seen = host.seen;
    expect(await bench.run([SWAP], DEAD_MAN_TARGET)).to.deep.equal({ status: 'completed' });
    await until(bench.clock, () => host.ends.length > 0);
    expect([host.ends, host.said]).to.deep.equal([[true], []]);
    await expectRecovered(bench);
    const armed = bench.events.findIndex((event) => event.type === 'notice' && event.text.endsWith('is armed'));
    const first = bench.events.findIndex(({ type }) => type === 'fault');
    expect(armed).to.be.within(0, first);
  });

  it('says what it could not look for, and is not over before it could', async () => {
    const bench = await died([SWAP]);
    let isDenied = true;
    bench.cluster.before = ({ verb, kind }) => {
      if (isDenied && verb === 'list' && kind === KINDS.deployment.kind) throw new Error('403 no');
    };
    const host = new DeadManHost(bench.cluster, bench.clock);
    void host.start(ARGS);
    await bench.clock.sleep(300_000);
    expect(host.said.join('\n'))
      .to.contain('fault swap: undone')
      .and.contain('nobody could look for leftovers: 403 no');
    expect(host.ends).to.deep.equal([]);
    isDenied = false;
    await until(bench.clock, () => host.ends.length > 0);
    expect(host.ends).to.deep.equal([true]);
  });

  it('finishes, started again, wherever it was killed itself', async () => {
    let total = 0;
    for (const when of ['before', 'after'] as const) {
      for (let at = 1; at === 1 || at <= total; at++) {
        const bench = await died();
        const host = new DeadManHost(bench.cluster, bench.clock);
        let first: ReturnType<typeof mortal> | undefined;
        host.altered = (cluster, clock, container) => {
          if (container > 1) return { cluster, clock };
          first = mortal(cluster, clock, { at: at === 1 && when === 'before' ? 0 : at, when });
          return first;
        };
        void host.start(ARGS);
        await until(bench.clock, () => host.ends.length > 0 || first?.living.isDead === true);
        if (host.ends.length > 0) {
          total = first?.requests() ?? 0;
          continue;
        }
        void host.start(ARGS);
        await until(bench.clock, () => host.ends.length > 0);
        expect(host.ends, `killed ${when} request ${at}`).to.deep.equal([true]);
        await expectRecovered(bench);
        const next = new ClusterLease(bench.cluster, 'default', 'next/bench/1', bench.clock);
        expect(await next.take({ stop: bench.stop.signal, onWatch: () => {} })).to.equal(true);
      }
    }
    expect(total).to.be.above(30);
  });

  it('takes the lease from a run that is over its time, and writes nothing until that has had time to hear of it', async () => {
    const bench = await died();
    const { cluster, clock } = bench;
    const lease = new ClusterLease(cluster, 'default', `${RUN}/bench/1`, clock);
    await lease.take({ stop: bench.stop.signal, onWatch: () => {} });
    const lost: string[] = [];
    lease.keep(({ code }) => void lost.push(code));
    const host = new DeadManHost(cluster, clock);
    let taken: number | undefined;
    let written: number | undefined;
    cluster.before = ({ kind, isWrite }) => {
      if (isWrite && kind !== 'Lease') written ??= clock.now();
      const spec = cluster.all(KINDS.lease)[0]?.spec as { holderIdentity?: string } | undefined;
      if (spec?.holderIdentity?.startsWith('dead-man-')) taken ??= clock.now();
    };
    const began = clock.now();
    void host.start([...ARGS.slice(0, -1), '600']);
    await until(clock, () => host.ends.length > 0);
    expect((taken ?? 0) - began).to.be.within(600e6, 640e6);
    expect((written ?? 0) - (taken ?? 0)).to.be.at.least(55e6);
    expect(lost).to.include('LEASE_LOST');
    expect(() => lease.requireFresh()).to.throw('does not hold it');
    await expectRecovered(bench);
  });

  it('leaves a recovery that lives alone, over the time of its run, too, and goes on when that has ended', async () => {
    const bench = await died();
    const { cluster, clock } = bench;
    await writeLease(cluster, 'default', await readLease(cluster, 'default'), 'recover-2/b/2', clock.wall());
    const lease = new ClusterLease(cluster, 'default', 'recover-2/b/2', clock);
    await lease.take({ stop: bench.stop.signal, onWatch: () => {} });
    lease.keep(() => expect.fail('it was not lost'));
    const { writes } = cluster;
    const host = new DeadManHost(cluster, clock);
    void host.start([...ARGS.slice(0, -1), '60']);
    await clock.sleep(300_000);
    expect([(await readLease(cluster, 'default')).holder, cluster.writes]).to.deep.equal(['recover-2/b/2', writes]);
    await lease.release();
    await until(clock, () => host.ends.length > 0);
    await expectRecovered(bench);
  });

  it('undoes what a run has left that has ended, and leaves to people what others have changed', async () => {
    const bench = await died([SWAP]);
    const { cluster, clock } = bench;
    await writeLease(cluster, 'default', await readLease(cluster, 'default'), '', clock.wall());
    const path = '/spec/template/spec/containers/0/image';
    await cluster.patch(DEPLOYMENT, [{ op: 'replace', path, value: 'hotfix' }]);
    const host = new DeadManHost(cluster, clock);
    void host.start(ARGS);
    await clock.sleep(200_000);
    expect(host.said.filter((text) => text.startsWith('fault swap: conflict'))).to.have.length.within(2, 4);
    expect(host.ends).to.deep.equal([]);
    const ports = {
      clock,
      faultKind,
      runId: RUN,
      signal: bench.stop.signal,
      holder: 'recover-1/bench/1',
      over: new AbortController().signal,
      recoverFrom: HERE,
      say: () => {},
    };
    const scope = { namespaces: ['default'], lockNamespace: 'default', kinds: FAULT_KINDS };
    await recoverCluster(cluster, scope, [], { ...ports, accept: { only: [] } });
    await until(clock, () => host.ends.length > 0);
    expect(host.ends).to.deep.equal([true]);
    const object = await cluster.get(DEPLOYMENT);
    expect(object).to.have.nested.property('spec.template.spec.containers[0].image', 'hotfix');
  });

  it('undoes nothing in a namespace that its Job does not name, though it is started after somebody has planned that', async () => {
    const bench = new BenchRun();
    const [plan] = (await bench.plan([{ ...SWAP, kind: 'scale', spec: { ...DEPLOYED, replicas: 0 } }])).faults;
    if (plan === undefined) throw new Error('a fault is planned');
    const [workload] = bench.cluster.all(KINDS.deployment);
    const forged = JSON.parse(JSON.stringify(plan.plan).replaceAll('"namespace":"default"', '"namespace":"shop"'));
    const metadata = { ...workload?.metadata, namespace: 'shop', name: DEPLOYED.deployment };
    const labels = { ...metadata.labels, [RUN_LABEL]: RUN };
    bench.cluster.add({ ...KINDS.deployment, metadata: { ...metadata, labels }, spec: { replicas: 0 } });
    await writeClusterJournal(bench.cluster, 'default', RUN, [{ ...forged, namespaces: ['shop'] }]);
    const there = bench.cluster.snapshot();
    const host = new DeadManHost(bench.cluster, bench.clock);
    const ended = host.start(ARGS);
    await until(bench.clock, () => host.said.length > 0);
    expect(host.said[0]).to.match(/^fault swap: (?:conflict|failed): .*namespace shop/);
    expect(besideLease(bench)).to.deep.equal((there as { kind: string }[]).filter(({ kind }) => kind !== 'Lease'));
    host.stop.abort();
    await ended;
  });

  it('is not armed where it could not undo everything, and says what it may not', async () => {
    const bench = await died([SWAP]);
    bench.cluster.allows = (verb, { kind }) => kind !== 'Deployment' || !['get', 'patch'].includes(verb);
    const host = new DeadManHost(bench.cluster, bench.clock);
    let armed = 0;
    const renew = async () => {
      const held = await readLease(bench.cluster, 'default');
      await writeLease(bench.cluster, 'default', held, `${RUN}/bench/1`, bench.clock.wall());
    };
    await renew();
    void bench.clock.sleep(5_000).then(renew);
    await host.start(ARGS, () => armed++);
    expect(armed).to.equal(0);
    expect(host.ends[0]).to.include({ code: 'PERMISSION_DENIED' });
    const missing = 'may not: get Deployment in tokyo/default; patch Deployment in tokyo/default';
    expect(String(host.ends[0])).to.contain(missing);
  });

  it('is armed where a kind of its faults is not served, as without Argo or Istio', async () => {
    const bench = await died([SWAP]);
    bench.cluster.allows = (_verb, { kind }) => {
      if (kind !== KINDS.rollout.kind && kind !== KINDS.envoyFilter.kind) return true;
      throw new FaultlineError('KIND_NOT_SERVED', `it does not serve ${kind}`);
    };
    const host = new DeadManHost(bench.cluster, bench.clock);
    let armed = 0;
    void host.start(ARGS, () => armed++);
    await until(bench.clock, () => host.ends.length > 0);
    expect([armed, host.ends]).to.deep.equal([1, [true]]);
    await expectRecovered(bench);
  });

  it('waits for an API server that does not answer at first, and ends when it is told to', async () => {
    const bench = await died([SWAP]);
    const host = new DeadManHost(bench.cluster, bench.clock);
    let isDown = true;
    bench.cluster.before = () => {
      if (isDown) throw new FaultlineError('TARGET_UNREACHABLE', 'no answer');
    };
    let armed = 0;
    const ended = host.start(ARGS, () => armed++);
    await bench.clock.sleep(15_000);
    expect([armed, host.said.slice(0, 2)]).to.deep.equal([0, ['no answer', 'no answer']]);
    isDown = false;
    await bench.clock.sleep(15_000);
    expect(armed).to.equal(1);
    host.stop.abort({ kind: 'signal', signal: 'SIGTERM' });
    await ended;
    expect(host.ends).to.deep.equal([false]);
    expect(await readClusterJournal(bench.cluster, 'default')).to.not.equal(undefined);
  });

  const cases: FaultSpec[] = [
    SWAP,
    BLACKHOLE,
    KILL,
    { ...SWAP, kind: 'scale', spec: { ...DEPLOYED, replicas: 0 } },
    { ...SWAP, kind: 'noop', spec: DEPLOYED },
  ];
  for (const fault of cases) {
    it(`asks the API for what its permissions say, and no more: ${fault.kind}`, async () => {
      const bench = await died([fault]);
      const plans = (await new BenchRun().plan([fault])).faults.map(({ plan }) => plan);
      const granted = deadManPermissions('default', plans, faultKind);
      bench.cluster.allows = (verb, kind, namespace) =>
        granted.some((one) => one.verb === verb && one.kind === kind.kind && one.namespace === namespace);
      const api = askedCluster(bench.cluster);
      const places = { namespace: 'default', namespaces: ['default'], digests: [] };
      const order = { runId: RUN, cluster: 'tokyo', ...places, afterMs: 3_600_000 };
      const ports = { clock: bench.clock, faultKind, holder: 'dead-man-1/pod/1', signal: bench.stop.signal };
      await watchAsDeadMan(api.cluster, order, { ...ports, say: () => {}, armed: () => {} });
      const beyond = api.asked.filter((asked) => !granted.some((one) => covers(one, asked)));
      expect(beyond, 'asked and not granted').to.deep.equal([]);
      const unused = granted.filter((one) => !api.asked.some((asked) => covers(one, asked)));
      expect(
        unused.map(nameOf).filter((name) => !RARE.includes(name)),
        'granted and never asked',
      ).to.deep.equal([]);
    });
  }
});
