import { expect } from 'chai';
import { notingCluster } from '../faults/testing/noting-cluster.ts';
import { CLUSTER_ROLES, namesOf } from '../model/cluster-roles.ts';
import { KINDS } from '../model/kubernetes.ts';
import { leasedCluster } from './leased-cluster.ts';
import { alteredCluster } from './testing/altered-cluster.ts';

const REF = { ...KINDS.configMap, namespace: 'default', name: 'one' };
const OBJECT = { ...KINDS.configMap, metadata: { namespace: 'default', name: 'two' } };

/** A leased cluster, what has reached the one behind it, and who may say whether it may. */
function stand() {
  const { cluster, reached, ask } = notingCluster();
  const asked = Promise.withResolvers<void>();
  return { reached, ask, asked, leased: leasedCluster(cluster, () => asked.promise) };
}

/** Lets everything run that waits for nothing. */
const settled = () => new Promise((resolve) => setImmediate(resolve));

describe('a cluster whose writes need a lease', () => {
  for (const verb of namesOf('write')) {
    it(`begins to ${verb} only after it was said that it may`, async () => {
      const { leased, reached, ask, asked } = stand();
      const writing = ask(leased, verb);
      await settled();
      expect(reached).to.deep.equal([]);
      asked.resolve();
      expect(await writing).to.equal(`answer to ${verb}`);
      expect(reached.map(({ name }) => name)).to.deep.equal([verb]);
    });

    it(`does not ${verb} where that is refused, and says why`, async () => {
      const { leased, reached, ask, asked } = stand();
      asked.reject(new Error('the lease is lost'));
      const error: unknown = await ask(leased, verb).catch((reason: unknown) => reason);
      expect(String(error)).to.equal('Error: the lease is lost');
      expect(reached).to.deep.equal([]);
    });
  }

  it('says of what is done beside it whether it may be done, also behind other changes', async () => {
    const { leased, asked, reached } = stand();
    asked.reject(new Error('the lease is lost'));
    const watched = alteredCluster(leased, {});
    expect(String(await watched.mayWrite?.().catch((reason: unknown) => reason))).to.equal('Error: the lease is lost');
    expect(reached).to.deep.equal([]);
  });

  for (const name of [...namesOf('read'), ...namesOf('lasting')]) {
    it(`lets ${name} through, whoever holds it: it is ${CLUSTER_ROLES[name]}`, async () => {
      const { leased, reached, ask } = stand();
      expect(await ask(leased, name, 'a')).to.equal(`answer to ${name}`);
      expect(reached).to.deep.equal([{ name, args: ['a'] }]);
    });
  }

  it('lets writes through that are only tried, whoever holds it', async () => {
    const { leased, reached } = stand();
    await leased.patch(REF, [], { dryRun: true });
    await leased.create(OBJECT, { dryRun: true });
    expect(reached).to.deep.equal([
      { name: 'patch', args: [REF, [], { dryRun: true }] },
      { name: 'create', args: [OBJECT, { dryRun: true }] },
    ]);
  });

  it('asks for writes that say of themselves that they are not tried', async () => {
    const { leased, reached } = stand();
    void leased.patch(REF, [], { dryRun: false });
    void leased.create(OBJECT, { dryRun: false });
    await settled();
    expect(reached).to.deep.equal([]);
  });
});
