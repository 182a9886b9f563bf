import { expect } from 'chai';
import { KINDS } from '../../model/kubernetes.ts';
import { at, ensureMap } from '../api/json.ts';
import { conditionOf, deployment, type Harness, node, startHarness } from '../testing/controllers-harness.ts';

describe('scheduler', () => {
  let cluster: Harness;
  beforeEach(() => {
    cluster = startHarness();
  });
  afterEach(() => {
    cluster.stop();
    expect(cluster.errors).to.deep.equal([]);
  });

  const inZone = (zone: string): Record<string, unknown> => ({
    template: {
      metadata: { labels: { app: 'web' } },
      spec: { nodeSelector: { 'topology.kubernetes.io/zone': zone }, containers: [{ name: 'main', image: 'web:1' }] },
    },
  });
  const nodesOfPods = (): unknown[] =>
    cluster.store.list(KINDS.pod, 'default').map((pod) => at(pod, 'spec', 'nodeName'));

  it('spreads pods over the nodes they fit on', async () => {
    cluster.store.create(node('node-a', 'zone-a'));
    cluster.store.create(node('node-b', 'zone-b'));
    cluster.store.create(deployment('web', 4));
    await cluster.settled();
    expect(nodesOfPods().sort()).to.deep.equal(['node-a', 'node-a', 'node-b', 'node-b']);
  });

  it('leaves a pod pending with the reason, until a node fits', async () => {
    cluster.store.create(node('node-a', 'zone-a'));
    cluster.store.create(deployment('web', 1, inZone('zone-b')));
    await cluster.settled();
    const [pod] = cluster.store.list(KINDS.pod, 'default');
    expect(at(pod, 'status', 'phase')).to.equal('Pending');
    expect(conditionOf(pod, 'PodScheduled')).to.include({
      status: 'False',
      reason: 'Unschedulable',
      message: "0/1 nodes are available: 1 node(s) didn't match Pod's node affinity/selector.",
    });
    cluster.store.create(node('node-b', 'zone-b'));
    await cluster.settled();
    expect(nodesOfPods()).to.deep.equal(['node-b']);
  });

  it('keeps off cordoned and tainted nodes', async () => {
    cluster.store.create(node('node-a', 'zone-a'));
    cluster.store.create(node('node-b', 'zone-a'));
    cluster.store.create(node('node-c', 'zone-a'));
    const edit = (name: string, spec: Record<string, never>): void => {
      const before = cluster.store.get({ ...KINDS.node, name });
      if (before !== undefined) cluster.store.update({ ...before, spec });
    };
    edit('node-a', { unschedulable: true } as never);
    edit('node-b', { taints: [{ key: 'dedicated', value: 'x', effect: 'NoSchedule' }] } as never);
    cluster.store.create(deployment('web', 2));
    await cluster.settled();
    expect(nodesOfPods()).to.deep.equal(['node-c', 'node-c']);
  });

  const spreadOver = (app: string, whenUnsatisfiable: string): Record<string, unknown> => ({
    template: {
      metadata: { labels: { app } },
      spec: {
        topologySpreadConstraints: [
          {
            maxSkew: 1,
            topologyKey: 'topology.kubernetes.io/zone',
            whenUnsatisfiable,
            labelSelector: { matchLabels: { app } },
          },
        ],
        containers: [{ name: 'main', image: 'web:1' }],
      },
    },
  });

  it('spreads pods over zones as they ask, however empty the nodes of one zone are', async () => {
    cluster.store.create(node('node-a', 'zone-a'));
    cluster.store.create(node('node-a2', 'zone-a'));
    cluster.store.create(node('node-a3', 'zone-a'));
    cluster.store.create(node('node-b', 'zone-b'));
    cluster.store.create(deployment('web', 4, spreadOver('web', 'DoNotSchedule')));
    await cluster.settled();
    expect(nodesOfPods().filter((name) => name === 'node-b')).to.have.length(2);
  });

  it('lets a pod wait that would make the spread uneven, and one that only prefers it not', async () => {
    cluster.store.create(node('node-a', 'zone-a'));
    cluster.store.create(node('node-b', 'zone-b'));
    const before = cluster.store.get({ ...KINDS.node, name: 'node-b' });
    if (before !== undefined) cluster.store.update({ ...before, spec: { unschedulable: true } });
    cluster.store.create(deployment('web', 2, spreadOver('web', 'DoNotSchedule')));
    cluster.store.create(deployment('lax', 2, spreadOver('lax', 'ScheduleAnyway')));
    await cluster.settled();
    const pods = cluster.store.list(KINDS.pod, 'default');
    const waiting = pods.filter((pod) => at(pod, 'spec', 'nodeName') === undefined);
    expect(waiting.map(({ metadata }) => metadata.name?.slice(0, 4))).to.deep.equal(['web-']);
    expect(at(waiting[0], 'status', 'conditions', 0, 'message')).to.equal(
      "0/2 nodes are available: 1 node(s) didn't match pod topology spread constraints, 1 node(s) were unschedulable.",
    );
  });

  it('counts no pods for a spread that selects none', async () => {
    cluster.store.create(node('node-a', 'zone-a'));
    const { template } = spreadOver('web', 'DoNotSchedule') as { template: { spec: Record<string, unknown> } };
    const [{ labelSelector: _, ...constraint } = {}] = template.spec.topologySpreadConstraints as Record<
      string,
      unknown
    >[];
    const spec = { ...template.spec, topologySpreadConstraints: [{ ...constraint, minDomains: 2 }] };
    cluster.store.create(deployment('web', 3, { template: { ...template, spec } }));
    await cluster.settled();
    expect(nodesOfPods()).to.deep.equal(['node-a', 'node-a', 'node-a']);
  });

  it('leaves pods alone that are placed already or belong to another scheduler', async () => {
    cluster.store.create(node('node-a', 'zone-a'));
    const pod = (name: string, spec: Record<string, unknown>): void => {
      const object = {
        ...KINDS.pod,
        metadata: { name, namespace: 'default' },
        spec: { containers: [{ name: 'c', image: 'x' }] },
      };
      cluster.store.create({ ...object, spec: { ...object.spec, ...(spec as Record<string, never>) } });
    };
    pod('placed', { nodeName: 'elsewhere' });
    pod('other', { schedulerName: 'mine' });
    await cluster.settled();
    expect(nodesOfPods()).to.deep.equal([undefined, 'elsewhere']);
    cluster.change(KINDS.pod, 'other', (object) => {
      ensureMap(ensureMap(object, 'metadata'), 'labels').seen = 'yes';
    });
    await cluster.settled();
    expect(nodesOfPods()).to.deep.equal([undefined, 'elsewhere']);
  });
});
