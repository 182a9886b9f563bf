import { expect } from 'chai';
import type { FaultPlan } from '../../model/fault.ts';
import { KINDS, type KubeKind, type KubeObject } from '../../model/kubernetes.ts';
import { stageSystem } from '../testing/conformance/stage.ts';
import type { FakeCluster } from '../testing/fake-cluster.ts';
import { fakeContext, RUN } from '../testing/fake-system.ts';
import { planWith } from '../testing/steps.ts';
import { imageSwap } from './index.ts';

const ZONE = 'ap-northeast-1a';

/** The workloads of the staged system, by the field of the block that names one. */
const WORKLOADS: readonly (readonly [string, KubeKind, string])[] = [
  ['deployment', KINDS.deployment, `mockb-${ZONE}`],
  ['statefulSet', KINDS.statefulSet, `db-${ZONE}`],
  ['daemonSet', KINDS.daemonSet, `agent-${ZONE}`],
  ['rollout', KINDS.rollout, `web-${ZONE}`],
];

async function on(field: string, name: string): Promise<{ cluster: FakeCluster; plan: FaultPlan }> {
  const cluster = stageSystem();
  const plan = await planWith(imageSwap, cluster, { deployment: undefined, [field]: name });
  await imageSwap.inject(plan, fakeContext(cluster));
  return { cluster, plan };
}

/** As somebody does who applies under another name what they have got: selector, template and its annotations stay. */
function copied(cluster: FakeCluster, { kind }: KubeKind, name: string): void {
  const original = structuredClone(cluster.objects.get(`${kind} default/${name}`)) as KubeObject;
  const { uid: _uid, labels: _labels, annotations: _annotations, ...metadata } = original.metadata;
  cluster.put({ ...original, metadata: { ...metadata, name: `copy-of-${name}` } });
}

const podsLike = (cluster: FakeCluster, name: string) =>
  cluster.all(KINDS.pod).filter(({ metadata }) => metadata.namespace === 'default' && metadata.name?.startsWith(name));

describe('the undo of an image swap beside a copy of its workload', () => {
  for (const [field, kind, name] of WORKLOADS) {
    it(`does not wait for the pods of the copy, which run the fault: ${kind.kind}`, async () => {
      const { cluster, plan } = await on(field, name);
      copied(cluster, kind, name);
      const theirs = podsLike(cluster, `copy-of-${name}`);
      expect(theirs.map(({ metadata }) => Object.keys(metadata.annotations ?? {}))).to.deep.equal([
        ['faultline.dev/plan'],
      ]);
      const context = fakeContext(cluster);
      const { state, detail } = await imageSwap.undo(plan, context);
      expect([state, detail]).to.deep.equal(['undone', 'image and command are back, the rollout is complete']);
      expect(context.now() / 1e6).to.be.below(10);
      expect(podsLike(cluster, `copy-of-${name}`)).to.deep.equal(theirs);
      const copy = cluster.objects.get(`${kind.kind} default/copy-of-${name}`) as KubeObject;
      const mark = imageSwap.marks.find((one) => one.kind.kind === kind.kind);
      const told = mark?.inside?.(copy).map((left) => [left.runId, left.command.includes(`/copy-of-${name} `)]);
      expect(told, 'what is told of it afterwards').to.deep.equal([[RUN, true]]);
    });

    it(`does wait for a pod of its own: ${kind.kind}`, async () => {
      const { cluster, plan } = await on(field, name);
      const [own] = structuredClone(podsLike(cluster, name));
      if (own === undefined) throw new Error('there is a pod');
      // A controller that has not seen the template yet, and a StatefulSet's stuck pod is deleted: one that is ready is not.
      const conditions = [{ type: 'Ready', status: 'True' }];
      cluster.after = ({ isWrite }) => {
        if (isWrite) cluster.add({ ...own, status: { ...(own.status as object), conditions } });
      };
      const context = fakeContext(cluster);
      expect((await imageSwap.undo(plan, context)).state).to.equal('failed');
      expect(context.now() / 1e6).to.be.within(300, 301);
    });
  }

  it('takes what keeps the pods of the copy back for no reason of its own', async () => {
    const { cluster, plan } = await on('deployment', `mockb-${ZONE}`);
    copied(cluster, KINDS.deployment, `mockb-${ZONE}`);
    const waiting = { containerStatuses: [{ state: { waiting: { reason: 'ImagePullBackOff', message: 'no' } } }] };
    for (const pod of podsLike(cluster, 'copy-of')) cluster.put({ ...pod, status: waiting });
    const object = structuredClone(cluster.objects.get(`Deployment default/mockb-${ZONE}`)) as KubeObject;
    cluster.put({ ...object, status: { ...(object.status as object), updatedReplicas: 0 } });
    expect((await imageSwap.undo(plan, fakeContext(cluster))).detail).to.contain('is not complete after 300 s');
  });
});
