import { expect } from 'chai';
import type { FaultKind } from '../model/fault.ts';
import { KINDS, type KubeObject } from '../model/kubernetes.ts';
import { imageSwap } from './image-swap/index.ts';
import { nodeDrain } from './node-drain/index.ts';
import { scale } from './scale/index.ts';
import { stageSystem } from './testing/conformance/stage.ts';
import type { FakeCluster } from './testing/fake-cluster.ts';
import { fakeContext } from './testing/fake-system.ts';
import { errorOf, planWith } from './testing/steps.ts';

const NAME = 'mockb-ap-northeast-1a';
const DEPLOYMENT = { ...KINDS.deployment, namespace: 'default', name: NAME };

type Spec = { replicas: number; template: { spec: { containers: { image: string }[] } }; unschedulable?: boolean };
const specOf = (object: KubeObject | undefined) => object?.spec as unknown as Spec;
const imageIn = (object: KubeObject | undefined) => specOf(object).template.spec.containers[0]?.image;

/** What admission does to real writes of an object alone. */
function admitting(kind: string, change: (spec: Spec) => void): FakeCluster {
  const cluster = stageSystem();
  cluster.admit = (object, isDryRun) => {
    if (!isDryRun && object.kind === kind) change(specOf(object));
    return object;
  };
  return cluster;
}

const atLeast = (least: number) => (spec: Spec) => {
  if (spec.replicas < least) spec.replicas = least;
};
const CASES: readonly [string, FaultKind, FakeCluster, string][] = [
  [
    'a count',
    scale,
    admitting('Deployment', (spec) => {
      if (spec.replicas === 0) spec.replicas = 2;
    }),
    `Deployment default/${NAME}: admission of the cluster has made {"replicas":2} of the {"replicas":0} that was written`,
  ],
  [
    'an image',
    imageSwap,
    admitting('Deployment', ({ template }) => {
      for (const container of template.spec.containers)
        container.image = container.image.replace(/^registry/, 'mirror');
    }),
    `Deployment default/${NAME}: admission of the cluster has made {"image":"mirror.`,
  ],
  [
    'a cordon',
    nodeDrain,
    admitting('Node', (spec) => {
      delete spec.unschedulable;
    }),
    'admission of the cluster has made {"unschedulable":false} of the {"unschedulable":true} that was written',
  ],
];

describe('a write that a webhook changes alone', () => {
  for (const [what, kind, cluster, words] of CASES) {
    it(`ends the injection, is named, and is put back at once: ${what}`, async () => {
      const before = cluster.snapshot();
      const plan = await planWith(kind, cluster);
      const said = await errorOf(kind.inject(plan, fakeContext(cluster)));
      expect(said).to.match(/^FAULT_REFUSED: cluster tokyo: /);
      expect(said).to.contain(words).and.contain('which a dry run had not told; it was put back at once');
      expect(cluster.snapshot()).to.deep.equal(before);
      expect((await kind.undo(plan, fakeContext(cluster))).state).to.equal('undone');
    });
  }

  it('says so where it could not be put back, and leaves it for the undo to tell', async () => {
    const cluster = admitting('Deployment', (spec) => {
      if (spec.replicas === 0) spec.replicas = 2;
    });
    const plan = await planWith(scale, cluster);
    cluster.after = ({ isWrite }) => {
      if (isWrite) cluster.allows = () => false;
    };
    cluster.before = ({ isWrite }) => {
      if (isWrite && !cluster.allows('patch', DEPLOYMENT, 'default')) throw new Error('away');
    };
    const said = await errorOf(scale.inject(plan, fakeContext(cluster)));
    expect(said).to.contain('it could not be put back at once: away');
    cluster.before = () => {};
    const { state, detail } = await scale.undo(plan, fakeContext(cluster));
    expect([state, detail]).to.deep.equal([
      'conflict',
      `Deployment default/${NAME}: it has 2 replicas, which faultline did not write; it was left alone`,
    ]);
  });

  it('is no edit of somebody else in an undo: a count', async () => {
    const cluster = stageSystem();
    const plan = await planWith(scale, cluster);
    await scale.inject(plan, fakeContext(cluster));
    cluster.admit = (object, isDryRun) => {
      if (!isDryRun && object.kind === 'Deployment') atLeast(5)(specOf(object));
      return object;
    };
    const { state, detail, commands } = await scale.undo(plan, fakeContext(cluster));
    expect([state, detail]).to.deep.equal([
      'conflict',
      `Deployment default/${NAME}: admission of the cluster has made {"replicas":5} of the {"replicas":1} that was written; it was left alone`,
    ]);
    expect(commands).to.deep.equal([`kubectl -n default scale deployment/${NAME} --replicas=1`]);
  });

  it('is no edit of somebody else in an undo: an image', async () => {
    const cluster = stageSystem();
    const plan = await planWith(imageSwap, cluster);
    await imageSwap.inject(plan, fakeContext(cluster));
    cluster.admit = (object, isDryRun) => {
      const [container] = object.kind === 'Deployment' ? specOf(object).template.spec.containers : [];
      if (!isDryRun && container?.image === 'asm-mock:v0.1') container.image = 'pinned:1';
      return object;
    };
    const { state, detail } = await imageSwap.undo(plan, fakeContext(cluster));
    expect(imageIn(await cluster.get(DEPLOYMENT))).to.equal('pinned:1');
    expect([state, detail]).to.deep.equal([
      'conflict',
      `Deployment default/${NAME}: admission of the cluster has made {"image":"pinned:1"} of the {"image":"asm-mock:v0.1"} that was written; it was left alone`,
    ]);
  });
});
