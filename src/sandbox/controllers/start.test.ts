import { expect } from 'chai';
import { KINDS } from '../../model/kubernetes.ts';
import { at } from '../api/json.ts';
import { deployment, type Harness, node, startHarness } from '../testing/controllers-harness.ts';
import { startControllers } from './start.ts';

describe('controllers', () => {
  let cluster: Harness;
  beforeEach(() => {
    cluster = startHarness();
    cluster.store.create(node('node-a', 'zone-a'));
  });
  afterEach(() => {
    cluster.stop();
    expect(cluster.errors).to.deep.equal([]);
  });

  it('take up what was in the store before they started, and stop', async () => {
    cluster.stop();
    cluster.store.create(deployment('web', 2));
    await cluster.settled();
    expect(cluster.names(KINDS.pod)).to.deep.equal([]);
    const { store, clock } = cluster;
    const again = startControllers({ store, clock, random: Math.random });
    await cluster.settled();
    expect(cluster.names(KINDS.pod)).to.have.length(2);
    again.stop();
    store.delete(
      { ...KINDS.pod, namespace: 'default', name: cluster.names(KINDS.pod)[0] ?? '' },
      { gracePeriodSeconds: 0 },
    );
    await cluster.settled();
    expect(cluster.names(KINDS.pod)).to.have.length(1);
  });

  it('keep the counts of disruption budgets', async () => {
    const budget = { apiVersion: 'policy/v1', kind: 'PodDisruptionBudget' };
    cluster.store.create(deployment('web', 4));
    const spec = { maxUnavailable: '30%', selector: { matchLabels: { app: 'web' } } };
    cluster.store.create({ ...budget, metadata: { name: 'b', namespace: 'default' }, spec });
    await cluster.settled();
    const status = (): unknown => at(cluster.get(budget, 'b'), 'status');
    expect(status()).to.include({ expectedPods: 4, currentHealthy: 4, desiredHealthy: 2, disruptionsAllowed: 2 });
    cluster.kubelet.keepTerminating = true;
    cluster.kubelet.healthy = () => false;
    cluster.store.delete({ ...KINDS.pod, namespace: 'default', name: cluster.names(KINDS.pod)[0] ?? '' });
    await cluster.settled();
    expect(status()).to.include({ currentHealthy: 3 });
  });
});
