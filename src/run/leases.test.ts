import { expect } from 'chai';
import { FAULT_KINDS, faultKind } from '../faults/index.ts';
import type { FakeCluster } from '../faults/testing/fake-cluster.ts';
import type { FaultlineError } from '../model/errors.ts';
import type { RunHeader } from '../model/history.ts';
import { KINDS, type KubeObject } from '../model/kubernetes.ts';
import type { FaultSpec } from '../model/scenario.ts';
import { writeClusterJournal } from './cluster-journal.ts';
import { ClusterLease } from './cluster-lease.ts';
import { Leases } from './leases.ts';
import { freezeRef, leaseRef, plansRef } from './lock-objects.ts';
import { executeRun } from './machine.ts';
import type { PlannedRun } from './planned-run.ts';
import { recoverCluster } from './recover.ts';
import { alteredCluster } from './testing/altered-cluster.ts';
import { BenchRun, DOWN, HERE, SWAP } from './testing/bench-run.ts';

const holderIn = (cluster: FakeCluster): string | undefined =>
  (cluster.all(KINDS.lease)[0]?.spec as { holderIdentity?: string } | undefined)?.holderIdentity;

const freeze: KubeObject = { ...freezeRef('default'), metadata: freezeRef('default'), data: { reason: 'an incident' } };

/** Does something once, when the run is in this phase. */
function inPhase(bench: BenchRun, phase: string, act: () => void): void {
  bench.onEvent = (event) => {
    if (event.type !== 'phase-start' || event.phase !== phase) return;
    bench.onEvent = () => {};
    act();
  };
}

/** A run on tokyo, whose target has kobe, too; nothing is done there. Kobe's UID comes first. */
async function twoClusters(bench: BenchRun, kobe: FakeCluster): Promise<PlannedRun> {
  const run = await bench.plan([SWAP]);
  const [open] = run.clusters.values();
  const [tokyo] = run.topology.clusters;
  if (open === undefined || tokyo === undefined) throw new Error('the bench has a cluster');
  const identity = async () => ({ ...(await kobe.identity()), uid: 'a-first' });
  const cluster = alteredCluster(kobe, { name: 'kobe', identity });
  const clusters = new Map([...run.clusters, ['kobe', { ...open, cluster }]]);
  const topology = { ...run.topology, clusters: [tokyo, { ...tokyo, name: 'kobe', uid: 'a-first' }] };
  return { ...run, clusters, topology };
}

const execute = (bench: BenchRun, run: PlannedRun) => executeRun(run, {} as RunHeader, bench.ports());

describe('the leases of a run', () => {
  it('are those of all clusters of its target, from before its load to its end, in the order of their UIDs', async () => {
    const bench = new BenchRun();
    const kobe = new BenchRun().cluster;
    const taken: string[] = [];
    for (const [name, cluster] of [
      ['tokyo', bench.cluster],
      ['kobe', kobe],
    ] as const) {
      cluster.after = ({ verb, kind }) => {
        if (kind === 'Lease' && verb === 'create') taken.push(name);
      };
    }
    const held: (string | undefined)[] = [];
    const look = () => held.push(holderIn(bench.cluster), holderIn(kobe));
    const { engine } = bench;
    bench.engine = {
      name: 'seen',
      start: async (order) => {
        look();
        const load = await engine.start(order);
        return { ...load, stop: () => load.stop().finally(look) };
      },
    };
    inPhase(bench, 'recover', look);
    expect(await execute(bench, await twoClusters(bench, kobe))).to.deep.equal({ status: 'completed' });
    expect(taken).to.deep.equal(['kobe', 'tokyo']);
    expect(held).to.deep.equal(Array(6).fill('20261122t090000z-test/bench/1'));
    expect([holderIn(bench.cluster), holderIn(kobe)]).to.deep.equal([undefined, undefined]);
    expect(kobe.writes).to.equal(0);
  });

  it('tell of one answer always the same moment, though no two looks at the clock are at one time', async () => {
    const bench = new BenchRun();
    const { clock: steady, history, holder } = bench.ports();
    let looks = 0;
    const now = () => steady.now() + ++looks * 0.7;
    const clock = { ...steady, now };
    const leases = new Leases(await bench.plan([SWAP]), {
      clock,
      history: { ...history, now: () => Math.round(now()) },
      holder,
    });
    await leases.take(new AbortController().signal);
    await steady.sleep(6_000);
    const told = Array.from({ length: 20 }, () => leases.contacts()[0]?.at);
    await leases.release();
    expect([...new Set(told)]).to.have.length(1);
  });

  it('are not taken again for an undo that was given up', async () => {
    const bench = new BenchRun();
    const leases = new Leases(await bench.plan([SWAP]), bench.ports());
    const refused = await leases.reclaim('tokyo', AbortSignal.abort('the undo has had its time')).catch((one) => one);
    expect(`${(refused as FaultlineError | undefined)?.message}`).to.contain('the undo has had its time');
    expect(holderIn(bench.cluster)).to.equal(undefined);
    await leases.reclaim('tokyo', new AbortController().signal);
    expect(holderIn(bench.cluster)).to.not.equal(undefined);
  });

  it('keep a drill away that would take the other one of two clusters', async () => {
    const bench = new BenchRun();
    const kobe = new BenchRun().cluster;
    const first = execute(bench, await twoClusters(bench, kobe));
    await bench.clock.sleep(15_000);
    const other = new BenchRun();
    other.clock.sleep = bench.clock.sleep;
    other.clock.now = bench.clock.now;
    const run = await twoClusters(other, kobe);
    const end = await executeRun(run, {} as RunHeader, { ...other.ports(), holder: 'run-2/b/2' });
    expect(end.status).to.equal('refused');
    expect(end.reason).to.match(
      /^cluster kobe: run 20261122t090000z-test \(process 1 on host bench\) holds it since .*, and lives \(Wait for its end.*\)$/,
    );
    expect(other.cluster.writes).to.equal(0);
    expect(other.steps(), 'not even load').to.deep.equal([]);
    expect(await first).to.deep.equal({ status: 'completed' });
  });

  it('are not waited for where a cluster does not answer in the end, which is told before the end alone', async () => {
    const bench = new BenchRun();
    const answer = Promise.withResolvers<void>();
    const { engine } = bench;
    bench.engine = {
      ...engine,
      start: async (order) => {
        const load = await engine.start(order);
        const stop = async () => {
          bench.cluster.pause = () => answer.promise;
          return load.stop();
        };
        return { ...load, stop };
      },
    };
    expect(await bench.run([SWAP])).to.deep.include({ status: 'completed' });
    expect(holderIn(bench.cluster)).to.equal('20261122t090000z-test/bench/1');
    const told = bench.events.length;
    expect(bench.events.flatMap((event) => (event.type === 'notice' ? [event.text] : []))).to.include(
      'a lease was not given back and expires by itself: cluster tokyo: the API has not answered within 5 s',
    );
    answer.reject(new Error('too late'));
    await new Promise((resolve) => setImmediate(resolve));
    expect(bench.events.slice(told), 'after its end').to.deep.equal([]);
  });

  it('are given back where a later one cannot be had', async () => {
    const bench = new BenchRun();
    const kobe = new BenchRun().cluster;
    await bench.cluster.create(freeze);
    const end = await execute(bench, await twoClusters(bench, kobe));
    const why =
      'cluster tokyo is frozen: an incident ' +
      '(Whoever froze it lets drills in again with: kubectl -n default delete configmap faultline-freeze --wait=false)';
    expect([end.status, end.reason]).to.deep.equal(['refused', why]);
    expect([holderIn(kobe), holderIn(bench.cluster)]).to.deep.equal([undefined, undefined]);
  });

  it('are given back where nobody has heard that one was taken', async () => {
    const bench = new BenchRun();
    const kobe = new BenchRun().cluster;
    bench.cluster.after = ({ verb, kind }) => {
      if (kind === 'Lease' && verb === 'create') throw new Error('the answer is lost');
    };
    const end = await execute(bench, await twoClusters(bench, kobe));
    expect(end.reason).to.contain('the answer is lost');
    expect([holderIn(kobe), holderIn(bench.cluster)]).to.deep.equal([undefined, undefined]);
  });

  it('do not let a run begin in a cluster of its target where another has left something to undo, touched or not', async () => {
    const bench = new BenchRun();
    const kobe = new BenchRun().cluster;
    await writeClusterJournal(kobe, 'default', 'run-0', []);
    const end = await execute(bench, await twoClusters(bench, kobe));
    expect(end.status).to.equal('refused');
    expect(end.reason).to.contain('run run-0 has not been undone');
  });

  for (const where of ['tokyo', 'kobe'] as const) {
    it(`end and undo a drill when somebody freezes ${where}`, async () => {
      const bench = new BenchRun();
      const before = bench.cluster.snapshot();
      const kobe = new BenchRun().cluster;
      inPhase(bench, 'hold', () => void (where === 'kobe' ? kobe : bench.cluster).create(freeze));
      const end = await execute(bench, await twoClusters(bench, kobe));
      expect(end.status).to.equal('aborted');
      expect(end.reason).to.match(
        /^stopped: cluster \w+ is frozen: an incident \(.*kubectl -n default delete configmap/,
      );
      expect(end.reason).to.contain(`cluster ${where}`);
      expect(bench.steps()).to.include('swap undone').and.to.not.include('phase recover');
      await (where === 'kobe' ? kobe : bench.cluster).delete(freezeRef('default'));
      expect(bench.cluster.snapshot()).to.deep.equal(before);
      expect(holderIn(bench.cluster)).to.equal(undefined);
    });
  }

  it('let an injection that is under way write nothing more in any cluster once one is frozen', async () => {
    const bench = new BenchRun();
    const before = bench.cluster.snapshot();
    const kobe = new BenchRun().cluster;
    let code = 'none';
    bench.kinds = (name) => {
      const kind = faultKind(name);
      const inject: typeof kind.inject = async (plan, context) => {
        await kind.inject(plan, context);
        await kobe.create(freeze);
        await bench.clock.sleep(6_000);
        const late = { ...freeze, metadata: { namespace: 'default', name: 'late' } };
        await context.cluster.create(late).catch((error: FaultlineError) => {
          code = error.code;
        });
      };
      return { ...kind, inject };
    };
    const end = await execute(bench, await twoClusters(bench, kobe));
    expect([end.status, code]).to.deep.equal(['aborted', 'FAULT_REFUSED']);
    expect(bench.cluster.snapshot()).to.deep.equal(before);
  });

  it('that nobody can renew end a drill; its faults are undone when the cluster answers again', async () => {
    const bench = new BenchRun();
    const before = bench.cluster.snapshot();
    const run = await bench.plan([SWAP]);
    inPhase(bench, 'hold', () => {
      let until = Number.POSITIVE_INFINITY;
      // One that answers nothing at all has ended the run before: the abort condition noContact.
      bench.cluster.before = ({ verb }) => {
        if (verb === 'patch' && bench.clock.now() < until) throw new Error('the network is gone');
      };
      inPhase(bench, 'undo', () => {
        until = bench.clock.now() + 1_000_000;
      });
    });
    const phases = { ...run.scenario.phases, holdMs: 300_000 };
    const end = await execute(bench, { ...run, scenario: { ...run.scenario, phases } });
    expect(end.status).to.equal('aborted');
    expect(end.reason).to.contain('the lease was not renewed for 45 s (the network is gone)');
    expect(bench.cluster.snapshot()).to.deep.equal(before);
  });

  it('that somebody has deleted end a drill, whose undo takes them again', async () => {
    const bench = new BenchRun();
    const before = bench.cluster.snapshot();
    inPhase(bench, 'hold', () => void bench.cluster.delete(leaseRef('default')));
    const end = await bench.run([SWAP]);
    expect([end.status, end.reason]).to.deep.equal([
      'aborted',
      'stopped: cluster tokyo: this run does not hold it any more: nobody holds it',
    ]);
    expect(bench.steps()).to.include('swap undone');
    expect(bench.cluster.snapshot()).to.deep.equal(before);
    expect(holderIn(bench.cluster)).to.equal(undefined);
  });

  /** A run that is stopped in its hold, recovered elsewhere, and goes on when something more was done; how many writes there were by then. */
  async function stopAndRecover(bench: BenchRun, fault: FaultSpec, meanwhile: () => Promise<unknown>) {
    const { sleep } = bench.clock;
    let woken: Promise<unknown> = Promise.resolve();
    let writes = -1;
    const clock = {
      ...bench.clock,
      sleep: async (ms: number, signal?: AbortSignal) => {
        await sleep(ms, signal);
        await woken;
      },
    };
    const recoverAndGoOn = async () => {
      const common = { faultKind: bench.kinds, signal: bench.stop.signal, say: () => {} };
      const ports = {
        ...common,
        clock: bench.clock,
        runId: undefined,
        holder: 'recover-2/b/2',
        over: new AbortController().signal,
        recoverFrom: HERE,
      };
      await recoverCluster(
        bench.cluster,
        { namespaces: ['default'], lockNamespace: 'default', kinds: FAULT_KINDS },
        [],
        ports,
      );
      await meanwhile();
      writes = bench.cluster.writes;
    };
    inPhase(bench, 'hold', () => {
      woken = recoverAndGoOn();
    });
    const end = await executeRun(await bench.plan([fault]), {} as RunHeader, { ...bench.ports(), clock });
    expect(end.status).to.equal('aborted');
    expect(bench.cluster.writes, 'writes after it was recovered').to.equal(writes);
  }

  for (const next of ['nobody', 'another run'] as const) {
    it(`of a process that was stopped in the hold and recovered elsewhere: its fault is undone, and ${next} holds the cluster`, async () => {
      const bench = new BenchRun();
      const before = bench.cluster.snapshot();
      await stopAndRecover(bench, SWAP, async () => {
        const other = new ClusterLease(bench.cluster, 'default', 'run-3/c/3', bench.clock);
        if (next === 'another run') await other.take({ stop: bench.stop.signal, onWatch: () => {} });
      });
      expect(bench.steps()).to.include('swap undone').and.to.not.include('swap undo-failed');
      expect(bench.cluster.snapshot()).to.deep.equal(before);
      expect(holderIn(bench.cluster)).to.equal(next === 'nobody' ? undefined : 'run-3/c/3');
      const left = bench.events.flatMap((event) => (event.type === 'leftovers' ? event.objects : []));
      expect(left).to.deep.equal([]);
    });
  }

  it('of a process that was stopped and recovered elsewhere let it write nothing over what somebody has set since', async () => {
    const bench = new BenchRun();
    const toZero = { op: 'replace', path: '/spec/replicas', value: 0 } as const;
    const ref = { ...KINDS.deployment, namespace: 'default', name: 'mockb-ap-northeast-1a' };
    await stopAndRecover(bench, DOWN, () => bench.cluster.patch(ref, [toZero]));
    expect(bench.steps()).to.include('down undo-conflict');
    expect(holderIn(bench.cluster)).to.equal(undefined);
  });

  it('that were lost with the plans are taken again for what carries the mark of the run', async () => {
    const bench = new BenchRun();
    const before = bench.cluster.snapshot();
    inPhase(bench, 'hold', () => {
      void bench.cluster.delete(plansRef('default'));
      void bench.cluster.delete(leaseRef('default'));
    });
    await bench.run([DOWN]);
    expect(bench.steps()).to.include('down undone');
    expect(bench.cluster.snapshot()).to.deep.equal(before);
  });

  it('that another has taken let a run write nothing more, its undo included', async () => {
    const bench = new BenchRun();
    let writes = 0;
    inPhase(bench, 'hold', () => {
      writes = bench.cluster.writes;
      void bench.cluster.patch(leaseRef('default'), [
        { op: 'replace', path: '/spec/holderIdentity', value: 'recover-2/b/2' },
      ]);
    });
    const end = await bench.run([SWAP]);
    expect(end.status).to.equal('aborted');
    expect(end.reason).to.contain('recover-2 (process 2 on host b) holds it');
    expect(bench.cluster.writes).to.equal(writes);
    expect(bench.steps()).to.include('swap undo-failed');
    expect(holderIn(bench.cluster)).to.equal('recover-2/b/2');
  });

  it('of a process that was stopped before its first write, and recovered, let it write nothing when it wakes', async () => {
    const bench = new BenchRun();
    const other = new ClusterLease(bench.cluster, 'default', 'run-2/b/2', bench.clock);
    let writes = -1;
    const { sleep, now } = bench.clock;
    let woken = Promise.resolve(true);
    let isStopped = false;
    const clock = {
      ...bench.clock,
      now,
      sleep: async (ms: number, signal?: AbortSignal) => {
        await sleep(ms, signal);
        if (isStopped) await woken;
      },
    };
    bench.steadyState = async () => {
      if (!bench.steps().includes('phase inject')) return { holds: true, detail: '' };
      // SIGSTOP, right before the first fault and behind all checks; its clock goes on.
      isStopped = true;
      woken = other.take({ stop: bench.stop.signal, onWatch: () => {} });
      await woken;
      writes = bench.cluster.writes;
      return { holds: true, detail: '' };
    };
    const run = await bench.plan([SWAP]);
    const end = await executeRun(run, {} as RunHeader, { ...bench.ports(), clock });
    expect(end.reason).to.contain('this run does not hold it any more');
    expect(bench.cluster.writes).to.equal(writes);
    expect(holderIn(bench.cluster)).to.equal('run-2/b/2');
  });
});
