import { expect } from 'chai';
import { CLUSTER_ROLES, namesOf } from '../model/cluster-roles.ts';
import type { FaultContext, FaultPlan } from '../model/fault.ts';
import { KINDS, RUN_LABEL } from '../model/kubernetes.ts';
import type { Cluster } from '../model/ports.ts';
import { alteredCluster } from './altered-cluster.ts';
import { watchWrites } from './lost-writes.ts';
import { stampPlan } from './marked-plans.ts';
import { FakeCluster } from './testing/fake-cluster.ts';
import { notingCluster } from './testing/noting-cluster.ts';

const FACTS = namesOf('fact');
const METHODS = (Object.keys(CLUSTER_ROLES) as (keyof Cluster)[]).filter((name) => CLUSTER_ROLES[name] !== 'fact');

/** The context of a fault, as much of it as the stamp of a plan takes. */
const contextOf = (cluster: Cluster) => ({ cluster }) as FaultContext;

const PLAN = { runId: 'r1', objects: [] } as unknown as FaultPlan;

describe('an altered cluster', () => {
  for (const name of METHODS) {
    it(`asks the same by ${name}, with all that it was given, unless that is replaced`, async () => {
      const { cluster, reached, ask } = notingCluster();
      expect(await ask(alteredCluster(cluster, {}), name, 'a', 2)).to.equal(`answer to ${name}`);
      expect(reached).to.deep.equal([{ name, args: ['a', 2] }]);
      const altered = alteredCluster(cluster, { [name]: () => 'another answer' });
      expect(await ask(altered, name)).to.equal('another answer');
      expect(reached).to.have.length(1);
    });
  }

  for (const name of FACTS) {
    it(`has the same ${name}, unless that is replaced`, () => {
      const { cluster } = notingCluster();
      expect(alteredCluster(cluster, {})[name]).to.equal(`its ${name}`);
      expect(alteredCluster(cluster, { [name]: 'another' })[name]).to.equal('another');
    });
  }

  it('has nothing that the cluster does not have', () => {
    const altered = alteredCluster(new FakeCluster(), {});
    for (const name of ['kubectl', 'configuredBy', 'mayWrite']) expect(altered).to.not.have.property(name);
  });
});

describe('the roles of a cluster', () => {
  it('take for a write what changes something', () => {
    expect(namesOf('write')).to.include.members(['create', 'patch', 'delete', 'exec']);
  });
});

describe('a write of a fault that is only tried', () => {
  const OBJECT = { ...KINDS.configMap, metadata: { name: 'one', labels: { [RUN_LABEL]: 'r1' } } };
  const unmarked = { ...KINDS.configMap, metadata: { name: 'one' } };
  const layers = {
    'that watches for lost writes': (cluster: Cluster) => watchWrites(cluster, () => 0).cluster,
    'that leaves plans on what it marks': (cluster: Cluster) => stampPlan(PLAN, contextOf(cluster)).cluster,
  };
  for (const [words, layer] of Object.entries(layers)) {
    it(`is only tried behind a cluster ${words}`, async () => {
      const { cluster: noting, reached } = notingCluster();
      // It answers with the object, whose marks are looked at.
      const cluster = alteredCluster(noting, {
        create: async (object, options) => {
          await noting.create(object, options);
          return object;
        },
      });
      for (const object of [OBJECT, unmarked]) await layer(cluster).create(object, { dryRun: true });
      await layer(cluster).patch({ ...KINDS.configMap, namespace: 'default', name: 'one' }, [], { dryRun: true });
      const options = reached.map(({ args }) => args.at(-1));
      expect(options).to.deep.equal([{ dryRun: true }, { dryRun: true }, { dryRun: true }]);
    });
  }
});
