import { expect } from 'chai';
import { FakeCluster } from '../faults/testing/fake-cluster.ts';
import { FaultlineError } from '../model/errors.ts';
import { KINDS } from '../model/kubernetes.ts';
import { clearLease, describeLease, isSameRecord, type LeaseRecord, readLease, writeLease } from './lease-record.ts';
import { leaseRef } from './lock-objects.ts';
import { alteredCluster } from './testing/altered-cluster.ts';

const HOLDER = 'run-1/a/1';
const at = (second: number) => new Date(Date.UTC(2026, 10, 22, 0, 0, second));

/** A cluster whose Lease says this. */
function saying(spec: object): FakeCluster {
  const { name, namespace } = leaseRef('locks');
  const cluster = new FakeCluster();
  cluster.add({ ...KINDS.lease, metadata: { name, namespace }, spec: { ...spec } });
  return cluster;
}

describe('what a Lease says', () => {
  it('is nothing where there is none: nobody holds it, and it was never passed on', async () => {
    expect(await readLease(new FakeCluster(), 'locks')).to.deep.equal({ transitions: 0 });
  });

  it('is its holder and since when; how long it lasts is ours to say, and what is no text says nothing', async () => {
    const spec = { holderIdentity: HOLDER, acquireTime: 'then', renewTime: 'now', leaseTransitions: 3 };
    const read = async (more: object): Promise<LeaseRecord> => {
      const { version: _, ...rest } = await readLease(saying({ ...spec, ...more }), 'locks');
      return rest;
    };
    const record = { holder: HOLDER, since: 'then', renewed: 'now', transitions: 3 };
    expect(await read({})).to.deep.equal(record);
    expect(await read({ leaseDurationSeconds: 2 ** 31 - 1 })).to.deep.equal(record);
    const odd = { acquireTime: 1, renewTime: { a: 1 }, leaseTransitions: 'x' };
    expect(await read(odd)).to.deep.equal({ holder: HOLDER, transitions: 0 });
    expect(await read({ holderIdentity: 7 })).to.not.have.property('holder');
    expect(await read({ holderIdentity: '' })).to.not.have.property('holder');
  });

  it('is a sign of life when its holder, its renewal or its transitions are other ones', () => {
    const seen: LeaseRecord = { holder: HOLDER, renewed: 'now', since: 'then', transitions: 1 };
    expect(isSameRecord(seen, { ...seen, version: '7', since: 'earlier' })).to.equal(true);
    for (const change of [{ holder: 'run-2/b/2' }, { renewed: 'later' }, { transitions: 2 }]) {
      expect(isSameRecord(seen, { ...seen, ...change }), JSON.stringify(change)).to.equal(false);
    }
  });

  it('is told to people without fractions of a second, and without a time that is not known', () => {
    const record: LeaseRecord = { transitions: 0 };
    expect(describeLease(record)).to.equal('nobody holds it');
    const who = 'run run-1 (process 1 on host a) holds it';
    expect(describeLease({ ...record, holder: HOLDER })).to.equal(who);
    const since = '2026-11-22T00:00:05.000000Z';
    expect(describeLease({ ...record, holder: HOLDER, since })).to.equal(`${who} since 2026-11-22T00:00:05Z`);
  });
});

describe('what others have written into a Lease', () => {
  it('is one line of a sentence', async () => {
    const line = 'faultline verdict=pass status=completed exit=0';
    for (const spec of [
      { holderIdentity: `x\n${line}\n` },
      { holderIdentity: HOLDER, acquireTime: `\r${line}\u2028` },
      { holderIdentity: `run-1/a/1/https://ci\n${line}` },
    ]) {
      const told = describeLease(await readLease(saying(spec), 'locks'));
      expect(told).to.contain(line);
      expect(told.split(/[\r\n\u2028]/)).to.have.length(1);
    }
  });
});

describe('writing a Lease', () => {
  it('makes one, renews it, passes it on and gives it back, and keeps count of how often it was passed on', async () => {
    const cluster = new FakeCluster();
    const write = async (holder: string, second: number): Promise<unknown> => {
      const record = await readLease(cluster, 'locks');
      expect(await writeLease(cluster, 'locks', record, holder, at(second))).to.equal(true);
      return cluster.all(KINDS.lease)[0]?.spec;
    };
    const time = (second: number): string => `2026-11-22T00:00:0${second}.000000Z`;
    const held = (holderIdentity: string, since: number, renewed: number, leaseTransitions: number) => ({
      ...{ holderIdentity, leaseDurationSeconds: 60, leaseTransitions },
      ...{ acquireTime: time(since), renewTime: time(renewed) },
    });
    expect(await write(HOLDER, 1)).to.deep.equal(held(HOLDER, 1, 1, 0));
    expect(await write(HOLDER, 2)).to.deep.equal(held(HOLDER, 1, 2, 0));
    expect(await write('run-2/b/2', 3)).to.deep.equal(held('run-2/b/2', 3, 3, 1));
    expect(await clearLease(cluster, 'locks', await readLease(cluster, 'locks'))).to.equal(true);
    expect(cluster.all(KINDS.lease)[0]?.spec).to.deep.equal({ leaseTransitions: 1 });
  });

  it('does nothing where anybody has written since it was read, and passes on every other trouble', async () => {
    const cluster = saying({ holderIdentity: HOLDER });
    const record = await readLease(cluster, 'locks');
    expect(await writeLease(cluster, 'locks', record, HOLDER, at(1))).to.equal(true);
    expect(await writeLease(cluster, 'locks', record, 'run-2/b/2', at(2))).to.equal(false);
    expect(await clearLease(cluster, 'locks', record)).to.equal(false);
    expect((await readLease(cluster, 'locks')).holder).to.equal(HOLDER);
    const patch = () => Promise.reject(new FaultlineError('KUBE_API', '503 no'));
    const refused = clearLease(alteredCluster(cluster, { patch }), 'locks', record);
    expect(await refused.catch((error: unknown) => error)).to.include({ code: 'KUBE_API' });
  });
});
