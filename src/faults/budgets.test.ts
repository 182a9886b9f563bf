import { expect } from 'chai';
import { KINDS, type KubeObject } from '../model/kubernetes.ts';
import type { Json } from '../model/scenario.ts';
import { nodeDrain } from './node-drain/index.ts';
import { podKill } from './pod-kill/index.ts';
import type { FakeCluster } from './testing/fake-cluster.ts';
import { readyPod } from './testing/fake-controllers.ts';
import { fakeSystem } from './testing/fake-system.ts';
import { errorOf, planWith } from './testing/steps.ts';

const BOTH = { deployment: undefined, selector: { app: 'mockb' }, every: undefined, count: 9 };
const budget = (spec: Json, status: Json = { disruptionsAllowed: 0 }, name = 'held'): KubeObject => ({
  ...KINDS.podDisruptionBudget,
  metadata: { name, namespace: 'default' },
  spec,
  status,
});
const OF_MOCKB = { selector: { matchLabels: { app: 'mockb' } } };

function systemWith(...budgets: readonly KubeObject[]): FakeCluster {
  const cluster = fakeSystem();
  for (const one of budgets) cluster.add(one);
  return cluster;
}

describe('a plan under PodDisruptionBudgets', () => {
  const kill = (cluster: FakeCluster, fields: object = {}) => planWith(podKill, cluster, { ...BOTH, ...fields });

  it('refuses a kill of more pods at once than a budget spares, and says past what a deletion goes', async () => {
    const one = budget(OF_MOCKB, { disruptionsAllowed: 1 });
    expect(await errorOf(kill(systemWith(one)))).to.equal(
      'FAULT_REFUSED: cluster tokyo: podKill broken could not be injected: PodDisruptionBudget default/held allows 1 at once now, of the 2 pods that would be evicted (kubectl get pdb -A; kill fewer pods at once, or write `deletion: true`: a deletion asks no budget.)',
    );
    expect((await kill(systemWith(one), { count: 1 })).affected).to.have.length(1);
    expect((await kill(systemWith(one), { deletion: true })).affected).to.have.length(2);
    const none = kill(systemWith(budget(OF_MOCKB), budget(OF_MOCKB, { disruptionsAllowed: 0 }, 'too')), { count: 1 });
    expect(await errorOf(none))
      .to.contain('default/held allows no eviction')
      .and.to.contain('default/too allows no');
  });

  it('asks only of budgets that are about the pods, and have been counted', async () => {
    const others = [
      budget({ selector: { matchLabels: { app: 'mocka' } } }),
      budget({ selector: { matchExpressions: [{ key: 'app', operator: 'NotIn', values: ['mockb'] }] } }),
      budget({ minAvailable: 1 }),
      budget(OF_MOCKB, {}),
      { ...budget(OF_MOCKB), metadata: { name: 'held', namespace: 'shop' } },
    ];
    for (const other of others)
      expect((await kill(systemWith(other))).affected, JSON.stringify(other)).to.have.length(2);
    expect(await errorOf(kill(systemWith(budget({ selector: {} }))))).to.contain('default/held allows no eviction');
  });

  it('counts for a budget the pods of its own namespace', async () => {
    const cluster = systemWith(budget(OF_MOCKB, { disruptionsAllowed: 2 }));
    const pod = readyPod('more', 'node-ap-northeast-1a', 'y', { containers: [{ name: 'default', image: 'i' }] });
    Object.assign(pod.metadata, { namespace: 'shop', labels: { app: 'mockb' } });
    cluster.add(pod);
    const both = { namespace: undefined, namespaces: ['default', 'shop'] };
    expect((await kill(cluster, both)).affected).to.have.length(3);
  });

  it('does not count pods that are not ready: they cost a budget nothing', async () => {
    const cluster = systemWith(budget(OF_MOCKB));
    for (const pod of cluster.all(KINDS.pod)) {
      pod.status = { ...(pod.status as object), conditions: [{ type: 'Ready', status: 'False' }] };
    }
    expect((await kill(cluster)).affected).to.have.length(2);
  });

  it('refuses a drain that nobody could go from, and tells of one that goes one by one', async () => {
    const all = { selector: {} };
    expect(await errorOf(planWith(nodeDrain, systemWith(budget(all))))).to.contain(
      'FAULT_REFUSED: cluster tokyo: nodeDrain broken would be stuck: PodDisruptionBudget default/held allows no eviction now',
    );
    const plan = await planWith(nodeDrain, systemWith(budget(all, { disruptionsAllowed: 1 })));
    expect(plan.warnings.join('\n')).to.contain(
      'PodDisruptionBudget default/held allows 1 at once now, of the 2 pods that would be evicted: they go one after another',
    );
  });
});
