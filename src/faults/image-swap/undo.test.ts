import { expect } from 'chai';
import { FaultlineError } from '../../model/errors.ts';
import type { FaultContext, FaultPlan, UndoOutcome } from '../../model/fault.ts';
import { KINDS, type KubeObject, RUN_LABEL, UNDO_ANNOTATION } from '../../model/kubernetes.ts';
import type { FakeCluster } from '../testing/fake-cluster.ts';
import { fakeContext, fakeSystem, RUN } from '../testing/fake-system.ts';
import { errorOf, planWith } from '../testing/steps.ts';
import { imageSwap } from './index.ts';

const DEPLOYMENT = { ...KINDS.deployment, namespace: 'default', name: 'mockb-ap-northeast-1a' };
const WHERE = 'Deployment default/mockb-ap-northeast-1a';
const PATCH =
  '{"spec":{"template":{"metadata":{"annotations":{"faultline.dev/plan":null}},' +
  '"spec":{"containers":[{"name":"default","image":"asm-mock:v0.1","command":null}]}}}}';

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

/** Undoes, and expects that it was told why what somebody else has is left alone. */
async function leftAlone({ cluster, plan }: Awaited<ReturnType<typeof on>>, why: string): Promise<UndoOutcome> {
  const outcome = await imageSwap.undo(plan, fakeContext(cluster));
  expect([outcome.state, outcome.detail]).to.deep.equal(['conflict', `${WHERE}: ${why}; it was left alone`]);
  expect(outcome.objects.map(({ state }) => state)).to.deep.equal(['conflict']);
  const { writes } = cluster;
  await imageSwap.undo(plan, fakeContext(cluster));
  expect(cluster.writes, 'the second time').to.equal(writes);
  return outcome;
}

describe('the undo of an image swap', () => {
  it('prints a command that reads a credential from the workload itself, or has a person write it', async () => {
    const cluster = fakeSystem();
    const command = ['/app', '--password', 'pwSecret'];
    await edit(cluster, (_, raw) => {
      for (const one of raw.spec.template.spec.containers) one.command = command;
    });
    const plan = await planWith(imageSwap, cluster);
    await imageSwap.inject(plan, fakeContext(cluster));
    const inAnnotation = JSON.parse((await cluster.get(DEPLOYMENT))?.metadata.annotations?.[UNDO_ANNOTATION] ?? '');
    expect(inAnnotation.spec.template.spec.containers[0].command).to.deep.equal(command);
    await edit(cluster, (_, raw) => {
      for (const one of raw.spec.template.spec.containers) one.image = 'hotfix:1';
    });
    const at = 'deployment/mockb-ap-northeast-1a';
    const told = await imageSwap.undo(plan, fakeContext(cluster));
    expect(told.commands).to.deep.equal([
      `kubectl -n default patch ${at} -p "$(kubectl -n default get ${at} -o jsonpath='{.metadata.annotations.faultline\\.dev/undo}')"`,
    ]);
    await edit(cluster, (object) => {
      delete object.metadata.annotations?.[UNDO_ANNOTATION];
    });
    const bare = await imageSwap.undo(plan, fakeContext(cluster));
    expect(bare.commands).to.deep.equal([`kubectl -n default edit ${at}`]);
  });

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

  it('says what others have made of it while its pods were waited for', async () => {
    const meanwhile = async (how: (object: KubeObject, raw: Raw, cluster: FakeCluster) => void) => {
      const { cluster, plan } = await on();
      await edit(cluster, (_object, { status }) => Object.assign(status, { updatedReplicas: 0 }));
      const context = fakeContext(cluster);
      const sleep: FaultContext['clock']['sleep'] = async (ms, signal) => {
        if (context.now() === 0) await edit(cluster, (object, raw) => how(object, raw, cluster));
        await context.clock.sleep(ms, signal);
      };
      return imageSwap
        .undo(plan, { ...context, clock: { ...context.clock, sleep } })
        .then(({ state, detail }) => `${state}: ${detail}`, String);
    };
    const setImage =
      (image: string) =>
      (_object: KubeObject, { spec, status }: Raw) => {
        for (const container of spec.template.spec.containers) Object.assign(container, { image });
        status.updatedReplicas = 1;
      };
    const image = 'conflict: Deployment default/mockb-ap-northeast-1a: container default has image "hotfix"';
    expect(await meanwhile(setImage('hotfix'))).to.contain(image);
    expect(await meanwhile(setImage('registry.cn-hangzhou.aliyuncs.com/acs/curl:8.1.2'))).to.contain(
      'FaultlineError: Deployment default/mockb-ap-northeast-1a holds the fault again',
    );
    expect(await meanwhile(({ metadata }) => Object.assign(metadata, { uid: 'anew' }))).to.contain('it is gone');
  });

  it('says where it has put back what nobody can tell the owner of', async () => {
    const { cluster, plan } = await on();
    await edit(cluster, ({ metadata }, { spec }) => {
      metadata.labels = {};
      metadata.annotations = {};
      Object.assign(spec.template, { metadata: {} });
    });
    const { state, detail } = await imageSwap.undo(plan, { ...fakeContext(cluster), plansGone: true });
    expect(state).to.equal('undone');
    expect(detail).to.contain('image and command are back (what the fault had written stood there without its mark');
  });

  it('waits five minutes for a rollout that nothing keeps back, and does not call it undone then', async () => {
    const { cluster, plan } = await on();
    for (const late of ['updatedReplicas', 'availableReplicas', 'observedGeneration']) {
      for (const value of [0, undefined]) {
        await edit(cluster, (_object, { status }) => Object.assign(status, { [late]: value }));
        const context = fakeContext(cluster);
        const { state, detail, objects, commands } = await imageSwap.undo(plan, context);
        const text = `image and command are back, but not seen in the pods of Deployment default/mockb-ap-northeast-1a: the rollout is not complete after 300 s`;
        expect([state, detail], late).to.deep.equal(['failed', text]);
        expect(objects.map((object) => object.state)).to.deep.equal(['left-behind']);
        expect(commands).to.deep.equal(['kubectl -n default rollout status deployment/mockb-ap-northeast-1a']);
        expect(context.now()).to.be.within(300_000_000, 300_400_000);
      }
      await edit(cluster, (_object, { status }) => Object.assign(status, { [late]: 1 }));
    }
    await edit(cluster, (_object, { status }) => {
      status.replicas = 2;
    });
    expect((await imageSwap.undo(plan, fakeContext(cluster))).state).to.equal('failed');
  });

  it('waits as long as a rollout moves, and not for ever', async () => {
    const { cluster, plan } = await on();
    await imageSwap.undo(plan, fakeContext(cluster));
    const looks = async (slow: (seconds: number) => number, signal?: AbortSignal) => {
      const context = fakeContext(cluster, signal);
      const get = cluster.get.bind(cluster);
      cluster.get = async (ref) => {
        const object = await get(ref);
        const seconds = context.now() / 1_000_000;
        if (object !== undefined)
          object.status = { updatedReplicas: slow(seconds), replicas: 1, availableReplicas: 1, observedGeneration: 1 };
        return object;
      };
      const { state } = await imageSwap.undo(plan, context);
      cluster.get = get;
      return [state, Math.round(context.now() / 1_000_000)];
    };
    expect(await looks((seconds) => (seconds < 150 ? -Math.floor(seconds / 50) : 1))).to.deep.equal(['undone', 150]);
    expect(await looks((seconds) => -Math.floor(seconds / 50))).to.deep.equal(['failed', 300]);
    const hurry = AbortSignal.abort();
    expect(await looks((seconds) => (seconds < 60 ? -Math.floor(seconds / 50) : 1), hurry)).to.deep.equal([
      'undone',
      60,
    ]);
    expect(await looks((seconds) => -Math.floor(seconds / 50), hurry)).to.deep.equal(['failed', 75]);
  });

  it('says at once that a paused Deployment does not roll back, with the command that lets it, and is undone after that', async () => {
    const { cluster, plan } = await on();
    await edit(cluster, (_object, { spec, status }) => {
      Object.assign(spec, { paused: true });
      status.updatedReplicas = 0;
    });
    for (const signal of [undefined, AbortSignal.abort()]) {
      const context = fakeContext(cluster, signal);
      const { state, detail, commands } = await imageSwap.undo(plan, context);
      expect([state, detail]).to.deep.equal([
        'failed',
        `image and command are back, but not seen in the pods of Deployment default/mockb-ap-northeast-1a: it is paused`,
      ]);
      expect(commands[0]).to.equal('kubectl -n default rollout resume deployment/mockb-ap-northeast-1a');
      expect(context.now()).to.equal(0);
    }
    await edit(cluster, (_object, { spec, status }) => {
      Object.assign(spec, { paused: false });
      status.updatedReplicas = 1;
    });
    expect((await imageSwap.undo(plan, fakeContext(cluster))).state).to.equal('undone');
  });

  it('says what keeps the rollout back: a quota, an image that cannot be pulled, no node', async () => {
    const quota = { type: 'ReplicaFailure', status: 'True', message: 'exceeded quota: pods=1' };
    const late = { type: 'Progressing', status: 'False', message: 'timed out progressing' };
    const pull = { state: { waiting: { reason: 'ImagePullBackOff', message: 'no such image' } } };
    const place = { type: 'PodScheduled', status: 'False', message: '0/3 nodes are available' };
    for (const [conditions, pod, text] of [
      [[quota], {}, 'exceeded quota: pods=1'],
      [[late], {}, 'timed out progressing'],
      [[], { containerStatuses: [pull] }, 'ImagePullBackOff: no such image'],
      [[], { conditions: [place] }, '0/3 nodes are available'],
    ] as const) {
      const { cluster, plan } = await on();
      await edit(cluster, (_object, { status }) => Object.assign(status, { updatedReplicas: 0, conditions }));
      cluster.frozen = true;
      for (const one of cluster.all(KINDS.pod)) cluster.put({ ...one, status: pod as never });
      const context = fakeContext(cluster);
      const { state, detail } = await imageSwap.undo(plan, context);
      expect([state, detail.endsWith(text)], detail).to.deep.equal(['failed', true]);
      expect(context.now()).to.be.within(60_000_000, 60_400_000);
    }
  });

  it('takes no container that is being started for one that is kept back', async () => {
    const { cluster, plan } = await on();
    await edit(cluster, (_object, { status }) => Object.assign(status, { updatedReplicas: 0 }));
    const containerStatuses = [{ state: { waiting: { reason: 'ContainerCreating' } } }];
    cluster.frozen = true;
    for (const one of cluster.all(KINDS.pod)) cluster.put({ ...one, status: { containerStatuses } as never });
    expect((await imageSwap.undo(plan, fakeContext(cluster))).detail).to.contain('is not complete after 300 s');
  });

  it('tells of a pod of the fault that somebody has taken out of the workload, and leaves it alone', async () => {
    const { cluster, plan } = await on();
    const [pod] = cluster.all(KINDS.pod).filter(({ metadata }) => metadata.name?.startsWith('mockb-ap-northeast-1a'));
    if (pod === undefined) throw new Error('there is a pod');
    const { ownerReferences: _owners, ...metadata } = pod.metadata;
    cluster.add({ ...pod, metadata: { ...metadata, name: 'kept', labels: { debug: 'yes' } } });
    const { state, detail, objects, commands } = await imageSwap.undo(plan, fakeContext(cluster));
    expect(state).to.equal('conflict');
    expect(detail).to.contain('Pod default/kept still runs the fault').and.contain('left alone');
    expect(objects.map((object) => `${object.name} ${object.state}`)).to.deep.equal([
      'mockb-ap-northeast-1a put-back',
      'kept conflict',
    ]);
    expect(commands).to.deep.equal(['kubectl -n default delete pod/kept --wait=false']);
    expect(cluster.objects.has('Pod default/kept')).to.equal(true);
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
    expect(await look()).to.contain('is not complete');
  });

  it('takes the command back where somebody has set another image, which stays, and says how to go on', async () => {
    const stage = await on();
    await edit(stage.cluster, (_object, { spec }) => {
      for (const container of spec.template.spec.containers) container.image = 'hotfix';
    });
    const why = 'container default has image "hotfix", which faultline did not write';
    const { commands, objects } = await leftAlone(stage, why);
    expect(commands).to.deep.equal([`kubectl -n default patch deployment/mockb-ap-northeast-1a -p '${PATCH}'`]);
    expect(objects[0]?.after).to.equal('{"image":"hotfix"}');
    expect(await containers(stage.cluster)).to.deep.equal([{ name: 'default', image: 'hotfix' }]);
    expect((await stage.cluster.get(DEPLOYMENT))?.metadata.labels?.[RUN_LABEL]).to.equal(RUN);
  });

  it('takes the image back where only the command is another one, and nothing where the container is gone', async () => {
    const stage = await on();
    await edit(stage.cluster, (_object, { spec }) => {
      for (const container of spec.template.spec.containers) container.command = ['sleep', '7'];
    });
    await leftAlone(stage, 'container default has command ["sleep","7"], which faultline did not write');
    expect(await containers(stage.cluster)).to.deep.equal([
      { name: 'default', image: 'asm-mock:v0.1', command: ['sleep', '7'] },
    ]);
    await edit(stage.cluster, (_object, { spec }) => {
      for (const container of spec.template.spec.containers) container.name = 'renamed';
    });
    await leftAlone(stage, 'container default has image "", which faultline did not write');
  });

  it('takes the plan out of the template, with what was made for it, and leaves what others have put there', async () => {
    const { cluster, plan } = await on();
    const restarted = { 'kubectl.kubernetes.io/restartedAt': '2026-11-22T09:00:00Z' };
    await edit(cluster, (_object, { spec }) => {
      const { metadata } = spec.template as unknown as { metadata: { annotations: object } };
      expect(metadata.annotations).to.have.property('faultline.dev/plan');
      Object.assign(metadata.annotations, restarted);
    });
    expect((await imageSwap.undo(plan, fakeContext(cluster))).state).to.equal('undone');
    expect(((await cluster.get(DEPLOYMENT)) as unknown as Raw).spec.template).to.deep.equal({
      metadata: { annotations: restarted },
      spec: { containers: [{ name: 'default', image: 'asm-mock:v0.1' }] },
    });
  });

  it('leaves the fields alone where another run has put both its label and its plan', async () => {
    const stage = await on();
    await edit(stage.cluster, ({ metadata }) => {
      const plan = JSON.stringify({ kind: 'imageSwap', fault: 'broken', runId: 'other', objects: [], data: {} });
      metadata.labels = { [RUN_LABEL]: 'other' };
      metadata.annotations = { 'faultline.dev/plan': plan };
    });
    await leftAlone(stage, 'it holds the fault, but is marked by run other');
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
    const { writes } = stage.cluster;
    const anew = await leftAlone(stage, 'it was deleted and created anew, and holds the fault');
    expect(anew.commands).to.have.length(1);
    expect(stage.cluster.writes, 'also where it was created with the fault in it').to.equal(writes);
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
      `${WHERE}: container default has image "hotfix", which faultline did not write; it was left alone`,
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
