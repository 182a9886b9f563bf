import { expect } from 'chai';
import { FakeCluster } from '../faults/testing/fake-cluster.ts';
import { KINDS, type ObjectRef } from '../model/kubernetes.ts';
import type { Cluster } from '../model/ports.ts';
import { leasedCluster } from './leased-cluster.ts';
import { alteredCluster } from './testing/altered-cluster.ts';

const REF: ObjectRef = { ...KINDS.configMap, namespace: 'default', name: 'one' };
const OBJECT = { ...KINDS.configMap, metadata: { namespace: 'default', name: 'two' } };

/** A leased cluster, what has reached the one behind it, and who may say whether it may. */
function stand() {
  const reached: string[] = [];
  const fake = new FakeCluster();
  fake.add({ ...KINDS.configMap, metadata: { namespace: 'default', name: 'one' } });
  const note = (what: string) => reached.push(what);
  const behind = alteredCluster(fake, {
    create: async (object) => {
      note('create');
      return object;
    },
    patch: async () => {
      note('patch');
      return OBJECT;
    },
    delete: async () => void note('delete'),
    exec: async () => {
      note('exec');
      return { code: 0, stdout: '', stderr: '' };
    },
  });
  const asked = Promise.withResolvers<void>();
  return { reached, asked, leased: leasedCluster(behind, () => asked.promise) };
}

const WRITES: Record<string, (cluster: Cluster) => Promise<unknown>> = {
  create: (cluster) => cluster.create(OBJECT),
  patch: (cluster) => cluster.patch(REF, []),
  delete: (cluster) => cluster.delete(REF),
  exec: (cluster) => cluster.exec({ namespace: 'default', pod: 'p', container: 'c' }, ['true']),
};

/** Lets everything run that waits for nothing. */
const settled = () => new Promise((resolve) => setImmediate(resolve));

describe('a cluster whose writes need a lease', () => {
  for (const [verb, write] of Object.entries(WRITES)) {
    it(`begins to ${verb} only after it was said that it may`, async () => {
      const { leased, reached, asked } = stand();
      const writing = write(leased);
      await settled();
      expect(reached).to.deep.equal([]);
      asked.resolve();
      await writing;
      expect(reached).to.deep.equal([verb]);
    });

    it(`does not ${verb} where that is refused, and says why`, async () => {
      const { leased, reached, asked } = stand();
      asked.reject(new Error('the lease is lost'));
      const error: unknown = await write(leased).catch((reason: unknown) => reason);
      expect(String(error)).to.equal('Error: the lease is lost');
      expect(reached).to.deep.equal([]);
    });
  }

  it('says of what is done beside it whether it may be done, also behind other changes', async () => {
    const { leased, asked } = stand();
    asked.reject(new Error('the lease is lost'));
    const watched = alteredCluster(leased, {});
    expect(String(await watched.mayWrite?.().catch((reason: unknown) => reason))).to.equal('Error: the lease is lost');
    expect(alteredCluster(new FakeCluster(), {})).to.not.have.property('mayWrite');
  });

  it('lets reads through, and writes that are only tried, whoever holds it', async () => {
    const { leased, reached } = stand();
    expect(await leased.get(REF)).to.have.nested.property('metadata.name', 'one');
    await leased.patch(REF, [], { dryRun: true });
    expect(reached).to.deep.equal(['patch']);
  });
});
