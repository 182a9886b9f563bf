import { expect } from 'chai';
import { FaultlineError } from '../model/errors.ts';
import { KINDS } from '../model/kubernetes.ts';
import type { Cluster } from '../model/ports.ts';
import { freezeRef, leaseRef } from './lock-objects.ts';
import { alteredCluster } from './testing/altered-cluster.ts';
import { giveBackAll, LeaseBench } from './testing/lease-bench.ts';

const REF = leaseRef('default');
const ONE = 'run-1/a/1';
const TWO = 'run-2/b/2';

/** Nobody has recovered meanwhile what an undo is for. */
const open = async () => true;

const codeOf = (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => 'none',
    (error: unknown) => (error instanceof FaultlineError ? error.code : String(error)),
  );

describe('the lease of a cluster', () => {
  afterEach(() => {
    giveBackAll();
  });

  it('is taken at once where nobody holds it, renewed every 15 s, and stays without a holder when it is given back', async () => {
    const bench = new LeaseBench();
    const lease = bench.lease(ONE);
    await bench.take(lease);
    expect(bench.seconds()).to.equal(0);
    const times: string[] = [];
    bench.cluster.after = ({ verb, kind }) => {
      if (verb === 'patch' && kind === 'Lease') times.push(bench.spec().renewTime ?? '');
    };
    lease.keep(() => expect.fail('it was not lost'));
    await bench.clock.sleep(61_000);
    expect(times.map((time) => time.slice(17))).to.deep.equal(['15.000000Z', '30.000000Z', '45.000000Z', '00.000000Z']);
    const { renewTime: _, ...spec } = bench.spec();
    expect(spec).to.deep.equal({
      holderIdentity: ONE,
      leaseDurationSeconds: 60,
      acquireTime: '2026-11-22T00:00:00.000000Z',
      leaseTransitions: 0,
    });
    await lease.release();
    expect(bench.spec().holderIdentity).to.equal(undefined);
    expect(() => lease.requireFresh()).to.throw('does not hold it any more');
    await bench.take(bench.lease(TWO));
    expect(bench.said, 'nobody had to be waited for').to.deep.equal([]);
  });

  it('is refused while its holder lives, however wrong anybody’s wall clock is', async () => {
    const bench = new LeaseBench();
    const wall = () => new Date(bench.clock.wall().getTime() - 600_000);
    const living = bench.lease(ONE, { clock: { ...bench.clock, wall } });
    await bench.take(living);
    living.keep(() => {});
    const error = await bench.take(bench.lease(TWO)).catch((reason: unknown) => reason);
    expect(error).to.include({
      code: 'LEASE_HELD',
      message: 'cluster tokyo: run run-1 (process 1 on host a) holds it since 2026-11-21T23:50:00Z, and lives',
    });
    expect((error as FaultlineError).hint).to.contain('kubectl -n default create configmap faultline-freeze');
    expect(bench.seconds()).to.be.within(15, 18);
    expect(bench.spec().holderIdentity).to.equal(ONE);
    await living.release();
  });

  it('is taken over only after it was silent for all of its time, and that is said', async () => {
    const bench = new LeaseBench();
    await bench.take(bench.lease(ONE));
    await bench.clock.sleep(1_000_000);
    const began = bench.seconds();
    await bench.take(bench.lease(TWO));
    expect(bench.seconds() - began).to.be.within(60, 63);
    expect(bench.spec().holderIdentity).to.equal(TWO);
    expect(bench.said).to.deep.equal([
      'cluster tokyo: run run-1 (process 1 on host a) holds it since 2026-11-22T00:00:00Z; looking for up to 60 s whether it lives; whoever knows that it is dead saves that time: kubectl -n default delete lease faultline --wait=false',
    ]);
  });

  for (const says of [2 ** 31 - 1, 120, 1]) {
    it(`that says it lasts ${says} s is watched for a minute, and a change of something else in it is no sign of life`, async () => {
      const bench = new LeaseBench();
      await bench.take(bench.lease(ONE));
      await bench.cluster.patch(REF, [{ op: 'replace', path: '/spec/leaseDurationSeconds', value: says }]);
      const taking = bench.take(bench.lease(TWO));
      await bench.clock.sleep(5_000);
      await bench.cluster.patch(REF, [{ op: 'add', path: '/metadata/annotations', value: { note: 'who is it' } }]);
      await taking;
      expect(bench.seconds()).to.be.within(60, 63);
    });
  }

  it('goes to one of two who come at the same moment, after a silence too', async () => {
    for (const isSilent of [false, true]) {
      const bench = new LeaseBench();
      if (isSilent) await bench.take(bench.lease('run-0/c/3'));
      let open = 0;
      // Both have read before either writes.
      bench.cluster.pause = async ({ verb }) => {
        if (verb !== 'get') await bench.clock.sleep(100 * ++open);
      };
      const [one, two] = [bench.lease(ONE), bench.lease(TWO)];
      const ends = [bench.take(one), bench.take(two)].map(codeOf);
      await ends[0];
      one.keep(() => {});
      await bench.clock.sleep(61_000);
      expect(bench.spec().holderIdentity, `silent: ${isSilent}`).to.equal(ONE);
      expect(await Promise.all(ends)).to.deep.equal(['none', 'LEASE_HELD']);
      expect(() => two.requireFresh()).to.throw('does not hold it any more');
      await one.release();
    }
  });

  it('is not waited for longer than its taker has time', async () => {
    const bench = new LeaseBench();
    await bench.take(bench.lease(ONE));
    const taking = bench.take(bench.lease(TWO));
    await bench.clock.sleep(20_000);
    bench.stop.abort();
    expect(await taking).to.equal(false);
    expect(bench.spec().holderIdentity).to.equal(ONE);
  });

  it('is not taken by one who is told to stop while another is faster', async () => {
    const bench = new LeaseBench();
    bench.cluster.before = ({ verb, kind }) => {
      if (verb !== 'create' || kind !== 'Lease') return;
      bench.cluster.before = () => {};
      bench.cluster.add({ ...REF, metadata: REF, spec: { holderIdentity: ONE } });
      bench.stop.abort();
    };
    expect(await bench.take(bench.lease(TWO))).to.equal(false);
    expect(bench.spec().holderIdentity).to.equal(ONE);
  });

  it('lets no write begin when its last renewal is more than 45 s old: a process that was stopped, or a machine', async () => {
    const bench = new LeaseBench();
    let [slept, suspended] = [0, 0];
    const clock = {
      ...bench.clock,
      now: () => bench.clock.now() + slept * 1000,
      wall: () => new Date(bench.clock.wall().getTime() + slept + suspended),
    };
    const lease = bench.lease(ONE, { clock });
    await bench.take(lease);
    slept = 45_000;
    lease.requireFresh();
    slept = 45_001;
    expect(() => lease.requireFresh()).to.throw(
      'the lease was not renewed for 45 s (this process stood still for up to 45 s: it was stopped, or had no CPU)',
    );
    slept = 0;
    const other = bench.lease(ONE, { clock });
    await bench.take(other);
    // The monotonic clock of a machine stands still while it is suspended.
    suspended = 45_001;
    expect(() => other.requireFresh()).to.throw(
      'the lease counts as not renewed for 45 s (the wall clock went 45 s further than the time that this process has seen',
    );
  });

  it('is looked at before a write where the last look is 10 s old, and no answer leaves it to its age', async () => {
    for (const way of ['confirm', 'refresh'] as const) {
      const bench = new LeaseBench();
      let slept = 0;
      let isSilent = false;
      let looks = 0;
      const get: Cluster['get'] = async (ref) => {
        looks++;
        if (isSilent) throw new FaultlineError('TARGET_UNREACHABLE', 'no answer');
        return bench.cluster.get(ref);
      };
      const clock = { ...bench.clock, now: () => bench.clock.now() + slept * 1000 };
      const lease = bench.lease(ONE, { cluster: alteredCluster(bench.cluster, { get }), clock });
      const ask = () => codeOf(way === 'confirm' ? lease.confirm() : lease.refresh(async () => false));
      await bench.take(lease);
      looks = 0;
      slept = 10_000;
      expect([await ask(), looks]).to.deep.equal(['none', 0]);
      slept = 10_001;
      expect([await ask(), await ask(), looks]).to.deep.equal(['none', 'none', 1]);
      slept = 30_000;
      isSilent = true;
      expect(await ask()).to.equal('none');
      isSilent = false;
      await bench.cluster.delete(REF);
      await bench.take(bench.lease(TWO));
      expect(await ask()).to.equal('LEASE_LOST');
    }
  });

  it('counts its age from the moment a renewal was sent, and only of one that was acknowledged', async () => {
    const bench = new LeaseBench();
    const lease = bench.lease(ONE, { clock: { ...bench.clock, wall: () => new Date(0) } });
    bench.cluster.pause = async ({ verb }) => {
      if (verb === 'create') await bench.clock.sleep(10_000);
    };
    await bench.take(lease);
    await bench.clock.sleep(35_000);
    lease.requireFresh();
    await bench.clock.sleep(1);
    expect(() => lease.requireFresh()).to.throw('not renewed');
    const unsaid = new LeaseBench();
    unsaid.cluster.after = ({ kind, isWrite }) => {
      if (isWrite && kind === 'Lease') throw new FaultlineError('TARGET_UNREACHABLE', 'the answer is lost');
    };
    const other = unsaid.lease(ONE);
    expect(await codeOf(unsaid.take(other))).to.equal('TARGET_UNREACHABLE');
    expect(() => other.requireFresh()).to.throw('does not hold it any more');
  });

  it('is renewed for an undo when it is too old, unless somebody else has taken it', async () => {
    const bench = new LeaseBench();
    const lease = bench.lease(ONE);
    await bench.take(lease);
    await bench.clock.sleep(50_000);
    await lease.refresh(open);
    lease.requireFresh();
    await bench.clock.sleep(50_000);
    const other = bench.lease(TWO);
    await bench.take(other);
    const error = await lease.refresh(open).catch((reason: unknown) => reason);
    expect(error).to.include({ code: 'LEASE_LOST' });
    expect((error as Error).message).to.contain('run run-2 (process 2 on host b) holds it');
    await lease.release();
    expect(bench.spec().holderIdentity, 'nobody gives back what is another’s').to.equal(TWO);
  });

  it('is taken again for an undo where nobody has it, and not where what it is for was recovered meanwhile', async () => {
    const bench = new LeaseBench();
    const lease = bench.lease(ONE);
    await bench.take(lease);
    await bench.cluster.delete(REF);
    await bench.clock.sleep(50_000);
    expect(await codeOf(lease.refresh(async () => false))).to.equal('LEASE_LOST');
    expect(bench.cluster.all(KINDS.lease)).to.deep.equal([]);
    await lease.refresh(open);
    expect(bench.spec().holderIdentity).to.equal(ONE);
  });

  it('is renewed for an undo by one write, and where that cannot be done the undo hears why', async () => {
    const bench = new LeaseBench();
    let writes = 0;
    let isRefused = false;
    const patch: Cluster['patch'] = async (...args) => {
      writes += 1;
      if (isRefused) throw new FaultlineError('KUBE_API', '503 no');
      return bench.cluster.patch(...args);
    };
    const lease = bench.lease(ONE, { cluster: alteredCluster(bench.cluster, { patch }) });
    await bench.take(lease);
    await bench.clock.sleep(50_000);
    await lease.refresh(open);
    expect(writes).to.equal(1);
    await bench.clock.sleep(50_000);
    isRefused = true;
    expect(await codeOf(lease.refresh(open))).to.equal('KUBE_API');
  });

  it('lets no write of an undo begin where others write to it whenever it is to be renewed', async () => {
    const bench = new LeaseBench();
    let isContended = false;
    const patch: Cluster['patch'] = async (...args) => {
      if (isContended) throw new FaultlineError('FAULT_CONFLICT', 'the version has changed');
      return bench.cluster.patch(...args);
    };
    const lease = bench.lease(ONE, { cluster: alteredCluster(bench.cluster, { patch }) });
    await bench.take(lease);
    await bench.clock.sleep(50_000);
    isContended = true;
    expect(await codeOf(lease.refresh(open))).to.equal('LEASE_LOST');
  });

  const losses: Record<string, { act: (bench: LeaseBench) => Promise<unknown>; says: string; within: number }> = {
    'somebody else has taken it': {
      act: (bench) => bench.cluster.patch(REF, [{ op: 'replace', path: '/spec/holderIdentity', value: TWO }]),
      says: 'run run-2 (process 2 on host b) holds it',
      within: 5,
    },
    'it was deleted': { act: (bench) => bench.cluster.delete(REF), says: 'nobody holds it', within: 5 },
    'the cluster was frozen': {
      act: (bench) =>
        bench.cluster.create({
          ...freezeRef('default'),
          metadata: freezeRef('default'),
          data: { reason: 'an incident' },
        }),
      says: 'cluster tokyo is frozen: an incident',
      within: 5,
    },
    'the API refuses': {
      act: async (bench) => {
        bench.cluster.before = () => {
          throw new FaultlineError('KUBE_API', '503 no');
        };
      },
      says: 'the lease was not renewed for 45 s (503 no)',
      within: 45,
    },
    'the API does not answer': {
      act: async (bench) => {
        bench.cluster.pause = () => new Promise(() => {});
      },
      says: 'the lease was not renewed for 45 s (the API does not answer in time)',
      within: 45,
    },
  };

  for (const [title, { act, says, within }] of Object.entries(losses)) {
    it(`is said to be lost when ${title}`, async () => {
      const bench = new LeaseBench();
      const lease = bench.lease(ONE);
      await bench.take(lease);
      const lost: { error: Error; at: number }[] = [];
      lease.keep((error) => lost.push({ error, at: bench.seconds() }));
      await bench.clock.sleep(1_000);
      await act(bench);
      await bench.clock.sleep(60_000);
      expect(lost[0]?.error.message).to.contain(says);
      expect(lost[0]?.at).to.be.below(within + 1);
      if (title !== 'the cluster was frozen') expect(() => lease.requireFresh()).to.throw('does not hold it any more');
    });
  }

  it('is given back also where somebody writes to it at the same moment', async () => {
    const bench = new LeaseBench();
    let conflicts = 0;
    const patch: Cluster['patch'] = async (...args) => {
      if (conflicts++ < 3) throw new FaultlineError('FAULT_CONFLICT', 'the version has changed');
      return bench.cluster.patch(...args);
    };
    const lease = bench.lease(ONE, { cluster: alteredCluster(bench.cluster, { patch }) });
    await bench.take(lease);
    await lease.release();
    expect(bench.spec().holderIdentity).to.equal(undefined);
  });

  it('lets no write begin from the moment on at which somebody else was seen to hold it, however young it is', async () => {
    const bench = new LeaseBench();
    const lease = bench.lease(ONE);
    await bench.take(lease);
    const lost = Promise.withResolvers<void>();
    lease.keep(() => lost.resolve());
    await bench.cluster.patch(REF, [{ op: 'replace', path: '/spec/holderIdentity', value: TWO }]);
    await lost.promise;
    expect(bench.seconds()).to.equal(5);
    expect(() => lease.requireFresh()).to.throw('does not hold it any more');
    expect(await codeOf(lease.refresh(open))).to.equal('LEASE_LOST');
  });

  it('keeps a frozen cluster, in which the undo goes on', async () => {
    const bench = new LeaseBench();
    const lease = bench.lease(ONE);
    await bench.take(lease);
    lease.keep(() => {});
    await bench.cluster.create({ ...freezeRef('default'), metadata: freezeRef('default') });
    await bench.clock.sleep(300_000);
    lease.requireFresh();
    await lease.release();
  });

  it('that cannot be written is an error of its own', async () => {
    const bench = new LeaseBench();
    const create = () => Promise.reject(new FaultlineError('PERMISSION_DENIED', '403 no'));
    const lease = bench.lease(ONE, { cluster: alteredCluster(bench.cluster, { create }) });
    expect(await codeOf(bench.take(lease))).to.equal('PERMISSION_DENIED');
  });
});
