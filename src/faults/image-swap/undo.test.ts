import { expect } from 'chai';
import { FaultlineError } from '../../model/errors.ts';
import type { FaultPlan, UndoOutcome } from '../../model/fault.ts';
import { KINDS, type KubeObject, RUN_LABEL, UNDO_ANNOTATION } from '../../model/kubernetes.ts';
import type { FakeCluster } from '../testing/fake-cluster.ts';
import { fakeContext, fakeSystem, RUN } from '../testing/fake-system.ts';
import { errorOf, planWith } from '../testing/steps.ts';
import { imageSwap } from './index.ts';

const DEPLOYMENT = { ...KINDS.deployment, namespace: 'default', name: 'mockb-ap-northeast-1a' };
const WHERE = 'Deployment default/mockb-ap-northeast-1a';
const PATCH =
  '{"spec":{"template":{"spec":{"containers":[{"name":"default","image":"asm-mock:v0.1","command":null}]}}}}';

type Container = { name: string; image: string; command?: string[] };
type Raw = { spec: { template: { spec: { containers: Container[] } } }; status: Record<string, number> };

async function on(): Promise<{ cluster: FakeCluster; plan: FaultPlan }> {
  const cluster = fakeSystem();
  const plan = await planWith(imageSwap, cluster);
  await imageSwap.inject(plan, fakeContext(cluster));
  return { cluster, plan };
}

/** Changes the Deployment as somebody else does. */
async function edit(cluster: FakeCluster, how: (object: KubeObject, raw: Raw) => void): Promise<void> {
  const object = await cluster.get(DEPLOYMENT);
  if (object === undefined) throw new Error('the Deployment is there');
  how(object, object as unknown as Raw);
  cluster.put(object);
}

const containers = async (cluster: FakeCluster): Promise<Container[]> =>
  ((await cluster.get(DEPLOYMENT)) as unknown as Raw).spec.template.spec.containers;

/** Undoes, and expects that nothing was written and why. */
async function leftAlone({ cluster, plan }: Awaited<ReturnType<typeof on>>, why: string): Promise<UndoOutcome> {
  const { writes } = cluster;
  const outcome = await imageSwap.undo(plan, fakeContext(cluster));
  expect([outcome.state, outcome.detail]).to.deep.equal(['conflict', `${WHERE}: ${why}; it was left alone`]);
  expect(outcome.objects.map(({ state }) => state)).to.deep.equal(['conflict']);
  expect(cluster.writes).to.equal(writes);
  return outcome;
}

describe('the undo of an image swap', () => {
  it('says what is back', async () => {
    const { cluster, plan } = await on();
    const outcome = await imageSwap.undo(plan, fakeContext(cluster));
    expect(outcome).to.deep.equal({
      state: 'undone',
      detail: 'image and command are back, the rollout is complete',
      objects: [{ ...plan.objects[0], after: '{"image":"asm-mock:v0.1"}', state: 'put-back' }],
      commands: [],
    });
    expect(await containers(cluster)).to.deep.equal([{ name: 'default', image: 'asm-mock:v0.1' }]);
  });

  it('waits a minute for the rollout and no longer, and says that it still goes on', async () => {
    const { cluster, plan } = await on();
    for (const late of ['updatedReplicas', 'availableReplicas', 'observedGeneration']) {
      for (const value of [0, undefined]) {
        await edit(cluster, (_object, { status }) => Object.assign(status, { [late]: value }));
        const context = fakeContext(cluster);
        const outcome = await imageSwap.undo(plan, context);
        expect(outcome.detail, late).to.equal('image and command are back, the rollout still goes on');
        expect(context.now()).to.be.within(60_000_000, 60_200_000);
      }
      await edit(cluster, (_object, { status }) => Object.assign(status, { [late]: 1 }));
    }
    await edit(cluster, (_object, { status }) => {
      status.replicas = 2;
    });
    expect((await imageSwap.undo(plan, fakeContext(cluster))).detail).to.contain('still goes on');
  });

  it('reads what an API server leaves out: one replica, no generation, none of the old pods', async () => {
    const { cluster, plan } = await on();
    await edit(cluster, (object, { spec, status }) => {
      delete object.metadata.generation;
      Object.assign(spec, { replicas: undefined });
      Object.assign(status, { replicas: undefined, observedGeneration: undefined });
    });
    const look = async () => (await imageSwap.undo(plan, fakeContext(cluster))).detail;
    expect(await look()).to.contain('the rollout is complete');
    await edit(cluster, (_object, { status }) => Object.assign(status, { availableReplicas: 0 }));
    expect(await look()).to.contain('still goes on');
  });

  it('never overwrites an image that somebody else has set, and gives the command that puts it back', async () => {
    const stage = await on();
    await edit(stage.cluster, (_object, { spec }) => {
      for (const container of spec.template.spec.containers) container.image = 'hotfix';
    });
    const { commands, objects } = await leftAlone(
      stage,
      'container default holds {"image":"hotfix","command":["sleep","3600"]}, which faultline did not write',
    );
    expect(commands).to.deep.equal([`kubectl -n default patch deployment/mockb-ap-northeast-1a -p '${PATCH}'`]);
    expect(objects[0]?.after).to.equal('{"image":"hotfix","command":["sleep","3600"]}');
  });

  it('leaves the image alone where only the command is another one, or the container is gone', async () => {
    const stage = await on();
    await edit(stage.cluster, (_object, { spec }) => {
      for (const container of spec.template.spec.containers) container.command = ['sleep', '7'];
    });
    await leftAlone(stage, expectHolds('"command":["sleep","7"]'));
    await edit(stage.cluster, (_object, { spec }) => {
      for (const container of spec.template.spec.containers) container.name = 'renamed';
    });
    await leftAlone(stage, 'container default holds {"image":""}, which faultline did not write');
  });

  it('leaves the fields alone that another run holds, or nobody', async () => {
    const stage = await on();
    for (const [label, named] of [
      ['other', 'other'],
      [undefined, 'gone'],
    ] as const) {
      await edit(stage.cluster, ({ metadata }) => {
        metadata.labels = label === undefined ? {} : { [RUN_LABEL]: label };
      });
      await leftAlone(stage, `it holds the fault's image, but the mark on it is ${named}`);
    }
  });

  it('does not recreate a Deployment that was deleted, nor touch one that was created anew', async () => {
    const stage = await on();
    const object = await stage.cluster.get(DEPLOYMENT);
    if (object === undefined) throw new Error('the Deployment was there');
    stage.cluster.objects.delete(WHERE);
    const gone = await leftAlone(stage, 'it is gone');
    expect(gone.commands).to.deep.equal([]);
    expect(gone.objects[0]).to.not.have.property('after');
    stage.cluster.add({ ...object, metadata: { ...object.metadata, uid: 'another' } });
    const anew = await leftAlone(stage, 'it was deleted and created anew');
    expect(anew.commands).to.have.length(1);
  });

  it('finds its container where others were added before it', async () => {
    const { cluster, plan } = await on();
    await edit(cluster, (_object, { spec }) => spec.template.spec.containers.unshift({ name: 'new', image: 'new:1' }));
    expect((await imageSwap.undo(plan, fakeContext(cluster))).state).to.equal('undone');
    expect(await containers(cluster)).to.deep.equal([
      { name: 'new', image: 'new:1' },
      { name: 'default', image: 'asm-mock:v0.1' },
    ]);
  });

  it('only takes the marks off where somebody has put the fields back by hand', async () => {
    const { cluster, plan } = await on();
    await edit(cluster, (object, { spec }) => {
      spec.template.spec.containers = [{ name: 'default', image: 'asm-mock:v0.1' }];
      object.metadata.labels = { app: 'mockb', [RUN_LABEL]: RUN };
    });
    expect((await imageSwap.undo(plan, fakeContext(cluster))).state).to.equal('undone');
    const metadata = (await cluster.get(DEPLOYMENT))?.metadata;
    expect(metadata?.labels).to.deep.equal({ app: 'mockb' });
    expect(metadata?.annotations).to.not.have.property(UNDO_ANNOTATION);
  });

  it('reports what it finds when it reads back, whatever it has written', async () => {
    const { cluster, plan } = await on();
    const patch = cluster.patch.bind(cluster);
    cluster.patch = async (...order) => {
      const result = await patch(...order);
      await edit(cluster, (_object, { spec }) => {
        for (const container of spec.template.spec.containers) container.image = 'hotfix';
      });
      return result;
    };
    const outcome = await imageSwap.undo(plan, fakeContext(cluster));
    expect([outcome.state, outcome.detail]).to.deep.equal([
      'conflict',
      `${WHERE}: container default holds {"image":"hotfix"}, which faultline did not write; it was left alone`,
    ]);
  });

  it('gives up when somebody else writes between each of its looks and its write', async () => {
    const { cluster, plan } = await on();
    cluster.before = ({ isWrite }) => {
      if (isWrite) throw new FaultlineError('FAULT_CONFLICT', 'the object has been modified');
    };
    const { writes } = cluster;
    expect(await errorOf(imageSwap.undo(plan, fakeContext(cluster)))).to.contain('FAULT_CONFLICT');
    expect(cluster.writes - writes).to.equal(5);
  });
});

function expectHolds(command: string): string {
  const image = 'registry.cn-hangzhou.aliyuncs.com/acs/curl:8.1.2';
  return `container default holds {"image":"${image}",${command}}, which faultline did not write`;
}
