import { expect } from 'chai';
import { apiError } from '../../kube/api-error.ts';
import { DEAD_MAN_LABEL, KINDS, type KubeObject, LOAD_LABEL, RUN_LABEL, ZONE_LABEL } from '../../model/kubernetes.ts';
import { stageSystem } from '../testing/conformance/stage.ts';
import type { FakeCluster } from '../testing/fake-cluster.ts';
import { readyPod } from '../testing/fake-controllers.ts';
import { fakeContext, fakeSystem } from '../testing/fake-system.ts';
import { errorOf, planWith } from '../testing/steps.ts';
import { nodeDrain } from './index.ts';

const ZONE = 'ap-northeast-1a';
const NODE = `node-${ZONE}`;
const SECOND = `${NODE}-2`;

const nodeIn = (cluster: FakeCluster, name = NODE) =>
  cluster.objects.get(`Node /${name}`) as KubeObject & { spec: { unschedulable?: boolean } };

function addPod(cluster: FakeCluster, name: string, change: (pod: KubeObject) => void = () => {}): void {
  const pod = readyPod(name, NODE, 'z', { containers: [{ name: 'default', image: 'i' }] });
  change(pod);
  cluster.add(pod);
}

function withNode(cluster = fakeSystem()): FakeCluster {
  cluster.add({ ...KINDS.node, metadata: { name: SECOND, labels: { [ZONE_LABEL]: ZONE } }, spec: {} });
  return cluster;
}

const namesOf = (objects: readonly { name: string }[]) => objects.map(({ name }) => name.replace(/-abc-.*/, ''));

describe('a drain', () => {
  it('takes the nodes of a zone, or one by its name, and cuts off a zone that has no other', async () => {
    const whole = await planWith(nodeDrain, withNode());
    expect([whole.cutsOff, namesOf(whole.objects)]).to.deep.equal([
      [ZONE],
      [NODE, SECOND, `mocka-${ZONE}`, `mockb-${ZONE}`],
    ]);
    const one = await planWith(nodeDrain, withNode(), { count: 1 });
    expect([one.cutsOff, one.summary]).to.deep.equal([[], `drain ${NODE}: evict 2 pods of default`]);
    const named = await planWith(nodeDrain, withNode(), { zone: undefined, node: NODE });
    expect([named.cutsOff, namesOf(named.objects)[0]]).to.deep.equal([[], NODE]);
  });

  it('counts a node that takes no pods already for nothing that is left of a zone', async () => {
    const cluster = withNode();
    nodeIn(cluster, SECOND).spec.unschedulable = true;
    expect((await planWith(nodeDrain, cluster, { zone: undefined, node: NODE })).cutsOff).to.deep.equal([ZONE]);
  });

  it('evicts by UID, when the nodes take no new pods any more, and uncordons only what it has cordoned', async () => {
    const cluster = withNode();
    nodeIn(cluster, SECOND).spec.unschedulable = true;
    const plan = await planWith(nodeDrain, cluster);
    expect(plan.warnings.join()).to.contain(`Cordoned already, and left so by the undo: ${SECOND}`);
    const seen: string[] = [];
    cluster.after = ({ isWrite, kind, subresource }) => void (isWrite && seen.push(subresource ?? kind));
    await nodeDrain.inject(plan, fakeContext(cluster));
    expect(seen).to.deep.equal(['Node', 'eviction', 'eviction']);
    expect((await nodeDrain.prove(plan, fakeContext(cluster))).proven).to.equal(true);
    const outcome = await nodeDrain.undo(plan, fakeContext(cluster));
    expect(outcome.detail).to.contain('1 of 2 nodes had been cordoned by it').and.contain('pods stay where they are');
    expect([nodeIn(cluster).spec.unschedulable, nodeIn(cluster, SECOND).spec.unschedulable]).to.deep.equal([
      undefined,
      true,
    ]);
    expect(nodeIn(cluster).metadata.labels?.[RUN_LABEL]).to.equal(undefined);
  });

  it('leaves pods of DaemonSets, of the kubelet, of the load and dead-men, and says so', async () => {
    const cluster = fakeSystem();
    addPod(cluster, 'agent', ({ metadata }) => {
      metadata.ownerReferences = [{ apiVersion: 'apps/v1', kind: 'DaemonSet', name: 'a', uid: 'd', controller: true }];
    });
    addPod(cluster, 'static', ({ metadata }) => {
      metadata.annotations = { 'kubernetes.io/config.mirror': 'x' };
    });
    for (const label of [LOAD_LABEL, DEAD_MAN_LABEL]) {
      addPod(cluster, label.replace(/\W/g, '-'), ({ metadata }) => {
        metadata.labels = { [label]: 'r' };
      });
    }
    const plan = await planWith(nodeDrain, cluster);
    expect(plan.affected).to.have.length(2);
    for (const why of ['of a DaemonSet', "a kubelet's own", 'it sends the load', 'it is a dead-man']) {
      expect(plan.warnings.join()).to.contain(why);
    }
  });

  it('is off when somebody uncordons the node, and keeps the other one’s mark', async () => {
    const cluster = fakeSystem();
    const plan = await planWith(nodeDrain, cluster);
    await nodeDrain.inject(plan, fakeContext(cluster));
    nodeIn(cluster).spec.unschedulable = false;
    expect((await nodeDrain.prove(plan, fakeContext(cluster))).detail).to.equal(`node ${NODE} is not cordoned`);
    Object.assign(nodeIn(cluster).spec, { unschedulable: true });
    nodeIn(cluster).metadata.labels = { [RUN_LABEL]: 'another' };
    nodeIn(cluster).metadata.annotations = {};
    const outcome = await nodeDrain.undo(plan, fakeContext(cluster));
    expect([outcome.state, outcome.commands]).to.deep.equal(['conflict', [`kubectl uncordon ${NODE}`]]);
    const told = outcome.objects.find(({ kind }) => kind === 'Node');
    expect(told).to.deep.include({ name: NODE, cluster: 'tokyo', before: 'absent', after: 'true', state: 'conflict' });
  });

  it('leaves a cordon that somebody else has set since, where the API server tells whose it is', async () => {
    const ended = async (manager: string) => {
      const cluster = fakeSystem();
      const plan = await planWith(nodeDrain, cluster);
      await nodeDrain.inject(plan, fakeContext(cluster));
      const entry = {
        manager,
        operation: 'Update',
        apiVersion: 'v1',
        fieldsV1: { 'f:spec': { 'f:unschedulable': {} } },
      };
      Object.assign(nodeIn(cluster).metadata, { managedFields: [entry] });
      const { state, detail } = await nodeDrain.undo(plan, fakeContext(cluster));
      return [state, nodeIn(cluster).spec.unschedulable, /somebody else has set since/.test(detail)];
    };
    expect(await ended('kubectl-cordon')).to.deep.equal(['conflict', true, true]);
    expect(await ended('faultline')).to.deep.equal(['undone', undefined, false]);
  });

  it('is not proven while a pod is still there, or on a node that is gone', async () => {
    const cluster = fakeSystem();
    const plan = await planWith(nodeDrain, cluster);
    expect(plan.signature).to.equal('restarts');
    nodeIn(cluster).spec.unschedulable = true;
    expect((await nodeDrain.prove(plan, fakeContext(cluster))).detail).to.match(
      /evicted pods are still there: default\/mock\S+, default\/mock\S+$/,
    );
    await nodeDrain.undo(plan, fakeContext(cluster));
    cluster.objects.delete(`Node /${NODE}`);
    expect(await nodeDrain.prove(plan, fakeContext(cluster))).to.deep.include({
      proven: false,
      detail: `node ${NODE} is gone`,
    });
  });

  it('is not begun on a node that somebody has cordoned, or another run has marked, since the plan', async () => {
    for (const change of [
      (node: ReturnType<typeof nodeIn>) => Object.assign(node.spec, { unschedulable: true }),
      (node: ReturnType<typeof nodeIn>) => Object.assign(node.metadata, { uid: 'anew' }),
      (node: ReturnType<typeof nodeIn>) => Object.assign(node.metadata, { labels: { [RUN_LABEL]: 'another' } }),
    ]) {
      const cluster = fakeSystem();
      const plan = await planWith(nodeDrain, cluster);
      change(nodeIn(cluster));
      expect(await errorOf(nodeDrain.inject(plan, fakeContext(cluster)))).to.match(
        new RegExp(`FAULT_CONFLICT: node ${NODE} has changed since the plan: (its|it was|run another)`),
      );
      expect(cluster.writes).to.equal(0);
    }
  });

  it('has nothing to put back on a node that is gone', async () => {
    const cluster = fakeSystem();
    const plan = await planWith(nodeDrain, cluster);
    await nodeDrain.inject(plan, fakeContext(cluster));
    cluster.objects.delete(`Node /${NODE}`);
    const outcome = await nodeDrain.undo(plan, fakeContext(cluster));
    expect([outcome.state, outcome.objects[0]?.state]).to.deep.equal(['undone', 'gone']);
  });
});

describe('a drain of several nodes and namespaces', () => {
  const ALL = { namespaces: ['default', 'shop'] };

  it('says whom it hits where, and what is still missing of each', async () => {
    const cluster = withNode(stageSystem());
    const plan = await planWith(nodeDrain, cluster, ALL);
    expect(plan.summary).to.match(new RegExp(`^drain ${NODE}, ${SECOND}: evict \\d+ pods of default, shop$`));
    expect(plan.namespaces).to.deep.equal(['default', 'shop']);
    const open = await nodeDrain.prove(plan, fakeContext(cluster));
    expect(open.detail).to.equal(`node ${NODE} is not cordoned; node ${SECOND} is not cordoned`);
    await nodeDrain.inject(plan, fakeContext(cluster));
    const { detail, effective } = await nodeDrain.prove(plan, fakeContext(cluster));
    expect(detail).to.match(
      new RegExp(`^${NODE}, ${SECOND} take no new pods, and ${plan.affected.length} evicted pods`),
    );
    expect(effective).to.equal(0);
    for (const name of [NODE, SECOND]) {
      Object.assign(nodeIn(cluster, name).metadata, { labels: { [RUN_LABEL]: 'another' }, annotations: {} });
    }
    const { state, commands, detail: left } = await nodeDrain.undo(plan, fakeContext(cluster));
    expect([state, commands]).to.deep.equal(['conflict', [NODE, SECOND].map((name) => `kubectl uncordon ${name}`)]);
    expect(left).to.match(/another; it was left alone; node .*another; it was left alone$/);
  });

  it('names all that stay, are cordoned already, or are in doubt', async () => {
    const cluster = withNode(stageSystem());
    for (const name of [NODE, SECOND]) nodeIn(cluster, name).spec.unschedulable = true;
    const { warnings } = await planWith(nodeDrain, cluster, ALL);
    expect(warnings.join(' ')).to.contain(`left so by the undo: ${NODE}, ${SECOND}.`);
    expect(warnings.join(' ')).to.match(
      /These stay: default\/agent\S+ \(of a DaemonSet\), shop\/agent\S+ \(of a DaemonSet\)\./,
    );
    for (const { metadata } of cluster.all(KINDS.pod)) {
      if (!metadata.name?.startsWith('agent')) cluster.objects.delete(`Pod ${metadata.namespace}/${metadata.name}`);
    }
    expect(await errorOf(planWith(nodeDrain, cluster, ALL))).to.match(
      new RegExp(`no pod of default, shop on ${NODE}, ${SECOND} can go \\(They stay: default/agent\\S+ .*, shop/agent`),
    );
    expect(await errorOf(planWith(nodeDrain, cluster, { ...ALL, bare: ['default/a', 'shop/b'] }))).to.contain(
      'what is not there: default/a, shop/b (localStorage names workloads',
    );
  });
});

describe('a drain under a PodDisruptionBudget', () => {
  const forbid = (cluster: FakeCluster, times: number) => {
    let left = times;
    cluster.before = ({ subresource }) => {
      if (subresource !== 'eviction' || left-- <= 0) return;
      throw apiError('tokyo', { method: 'POST', what: 'evict' }, { status: 429, text: 'would violate the budget' });
    };
  };

  it('waits until it may', async () => {
    const cluster = fakeSystem();
    const plan = await planWith(nodeDrain, cluster);
    forbid(cluster, 7);
    await nodeDrain.inject(plan, fakeContext(cluster));
    expect((await nodeDrain.prove(plan, fakeContext(cluster))).proven).to.equal(true);
  });

  it('gives up when its time is over, and is undone', async () => {
    const cluster = fakeSystem();
    const plan = await planWith(nodeDrain, cluster, { wait: 5_000 });
    forbid(cluster, Number.POSITIVE_INFINITY);
    const context = fakeContext(cluster);
    expect(await errorOf(nodeDrain.inject(plan, context))).to.match(
      /would violate the budget, until the wait was over .*pdb/,
    );
    expect(context.now() / 1_000_000).to.be.within(5, 12);
    expect((await nodeDrain.undo(plan, fakeContext(cluster))).state).to.equal('undone');
    expect(cluster.all(KINDS.pod)).to.have.length(3);
  });
});

describe('a drain is refused', () => {
  const local = (pod: KubeObject, container: string) => {
    const containers = [{ name: container, volumeMounts: [{ name: 'cache', mountPath: '/c' }] }];
    Object.assign(pod.spec as object, { volumes: [{ name: 'cache', emptyDir: {} }], containers });
  };

  it('where pods keep data on the node, unless their workload is named', async () => {
    const cluster = fakeSystem();
    addPod(cluster, 'keeper', (pod) => local(pod, 'default'));
    expect(await errorOf(planWith(nodeDrain, cluster))).to.contain(
      'FAULT_REFUSED: cluster tokyo: nodeDrain broken: default/keeper-abc-z keeps data in emptyDir cache (If that is meant: localStorage: [default/keeper])',
    );
    expect((await planWith(nodeDrain, cluster, { localStorage: ['default/keeper'] })).affected).to.have.length(3);
    const sidecar = fakeSystem();
    addPod(sidecar, 'meshed', (pod) => local(pod, 'istio-proxy'));
    expect((await planWith(nodeDrain, sidecar)).affected).to.have.length(3);
  });

  it('where nothing would replace a pod, unless it is named', async () => {
    const cluster = fakeSystem();
    addPod(cluster, 'bare', ({ metadata }) => {
      metadata.ownerReferences = [];
    });
    expect(await errorOf(planWith(nodeDrain, cluster))).to.contain('default/bare-abc-z has no controller');
    expect((await planWith(nodeDrain, cluster, { bare: ['default/bare-abc-z'] })).affected).to.have.length(3);
  });

  it('where something that is named is not there', async () => {
    const cases: [Parameters<typeof planWith>[2], string][] = [
      [{ zone: 'ap-northeast-1c' }, 'no 1 nodes in zone ap-northeast-1c, which has 0 (It has: node-ap'],
      [{ count: 2 }, `no 2 nodes in zone ${ZONE}, which has 1`],
      [{ zone: undefined, node: 'ghost' }, 'no node ghost'],
      [{ zone: undefined, node: NODE, count: 1 }, 'a node is one'],
      [{ localStorage: ['default/ghost'] }, 'gives up what is not there: default/ghost'],
      [{ bare: ['default/ghost'] }, 'gives up what is not there: default/ghost'],
      [{ namespaces: ['shop'] }, `would evict nobody: no pod of shop on ${NODE} can go`],
    ];
    for (const [fields, what] of cases) {
      const cluster = fakeSystem();
      expect(await errorOf(planWith(nodeDrain, cluster, fields)))
        .to.contain('FAULT_NO_TARGET')
        .and.contain(what);
      expect(cluster.writes).to.equal(0);
    }
  });
});
