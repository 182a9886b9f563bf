import { expect } from 'chai';
import type { FaultContext } from '../../model/fault.ts';
import { KINDS, type KubeObject, RUN_LABEL, UNDO_ANNOTATION } from '../../model/kubernetes.ts';
import { stageSystem } from '../testing/conformance/stage.ts';
import type { FakeCluster } from '../testing/fake-cluster.ts';
import { fakeContext, fakeSystem } from '../testing/fake-system.ts';
import { errorOf, planWith } from '../testing/steps.ts';
import { scale } from './index.ts';

const NAME = 'mockb-ap-northeast-1a';
const DEPLOYMENT = { ...KINDS.deployment, namespace: 'default', name: NAME };

/** Scales as an autoscaler or a colleague does. */
async function scaled(cluster: FakeCluster, replicas: number): Promise<void> {
  const object = (await cluster.get(DEPLOYMENT)) as KubeObject;
  cluster.put({ ...object, spec: { ...(object.spec as object), replicas } });
}

function autoscaler(name: string, minReplicas: number): KubeObject {
  return {
    ...KINDS.horizontalPodAutoscaler,
    metadata: { name: `hpa-${name}`, namespace: 'default' },
    spec: { minReplicas, maxReplicas: 9, scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name } },
  };
}

async function three(): Promise<FakeCluster> {
  const cluster = fakeSystem();
  await scaled(cluster, 3);
  return cluster;
}

const podsOf = (cluster: FakeCluster) =>
  cluster.all(KINDS.pod).filter(({ metadata }) => metadata.name?.startsWith(NAME));

describe('a scaling', () => {
  it('to zero takes all pods, who stop serving', async () => {
    const plan = await planWith(scale, await three());
    expect([plan.summary, plan.signature, plan.affected.length]).to.deep.equal([
      `scale Deployment default/${NAME} from 3 to 0`,
      'stops-serving',
      3,
    ]);
  });

  it('to fewer may hit any pod of a Deployment, and the proof says which', async () => {
    const cluster = await three();
    const plan = await planWith(scale, cluster, { replicas: 1 });
    expect([plan.signature, plan.affected.length]).to.deep.equal(['degrades', 3]);
    expect(plan.warnings.join()).to.contain('the proof names them');
    await scale.inject(plan, fakeContext(cluster));
    const { proven, affected = [] } = await scale.prove(plan, fakeContext(cluster));
    const [left] = podsOf(cluster).map(({ metadata }) => metadata.name);
    expect([proven, affected.length, affected.some(({ pod }) => pod === left)]).to.deep.equal([true, 2, false]);
  });

  it('to fewer takes the highest ordinals of a StatefulSet, as numbers', async () => {
    const cluster = stageSystem();
    const db = 'db-ap-northeast-1a';
    const [pod] = cluster.all(KINDS.pod).filter(({ metadata }) => metadata.name === `${db}-0`);
    const [set] = cluster.all(KINDS.statefulSet);
    Object.assign(set?.spec as object, { replicas: 12 });
    for (let at = 1; at < 12 && pod !== undefined; at++) {
      const { uid: _uid, ...metadata } = pod.metadata;
      cluster.add({ ...pod, metadata: { ...metadata, namespace: 'default', name: `${db}-${at}` } } as KubeObject);
    }
    const plan = await planWith(scale, cluster, { deployment: undefined, statefulSet: db, replicas: 9 });
    expect(plan.affected.map((one) => one.pod)).to.deep.equal([`${db}-9`, `${db}-10`, `${db}-11`]);
    expect([plan.summary, plan.objects[0]?.kind]).to.deep.equal([
      `scale StatefulSet default/${db} from 12 to 9`,
      'StatefulSet',
    ]);
    expect(plan.warnings.join()).to.not.contain('choice of the controller');
  });

  describe('of a StatefulSet whose claims go with its pods', () => {
    const db = 'db-ap-northeast-1a';
    const keeps = (whenScaled: string, templates: readonly object[] = [{ metadata: { name: 'data' } }]) => {
      const cluster = stageSystem();
      const [set] = cluster.all(KINDS.statefulSet);
      const persistentVolumeClaimRetentionPolicy = { whenScaled, whenDeleted: 'Delete' };
      Object.assign(set?.spec as object, { volumeClaimTemplates: templates, persistentVolumeClaimRetentionPolicy });
      return { cluster, set };
    };
    const planned = (cluster: FakeCluster) => planWith(scale, cluster, { deployment: undefined, statefulSet: db });

    it('is refused, with what to do', async () => {
      expect(await errorOf(planned(keeps('Delete').cluster))).to.equal(
        `FAULT_REFUSED: cluster tokyo: StatefulSet default/${db} would lose its volumes for good: it has persistentVolumeClaimRetentionPolicy whenScaled: Delete, ` +
          'by which Kubernetes deletes the claims of the pods that go, and no undo brings back what was in them (podKill on its pods takes no volume. ' +
          `To scale it, have its owner keep the claims first: kubectl -n default patch statefulset ${db} --type=merge -p '{"spec":{"persistentVolumeClaimRetentionPolicy":{"whenScaled":"Retain"}}}')`,
      );
      expect(await errorOf(planned(keeps('Retain').cluster))).to.equal('none');
      expect(await errorOf(planned(keeps('Delete', []).cluster)), 'it has no claims').to.equal('none');
    });

    it('is not made where somebody has had them go since the plan', async () => {
      const { cluster, set } = keeps('Retain');
      const plan = await planned(cluster);
      Object.assign(set?.spec as object, { persistentVolumeClaimRetentionPolicy: { whenScaled: 'Delete' } });
      expect(await errorOf(scale.inject(plan, fakeContext(cluster)))).to.contain(
        `StatefulSet default/${db} has changed since the plan: its volumes would be deleted with its pods (whenScaled: Delete)`,
      );
      expect(cluster.writes).to.equal(0);
    });
  });

  it('says whose operator may scale it back, and what its pods keep that is gone with them', async () => {
    const cluster = await three();
    const deployment = cluster.objects.get(`Deployment default/${NAME}`);
    const owner = { apiVersion: 'db.example/v1', kind: 'Database', name: 'main', uid: 'u', controller: true };
    Object.assign(deployment?.metadata ?? {}, { ownerReferences: [owner] });
    const [pod] = podsOf(cluster);
    Object.assign(pod?.spec as object, {
      volumes: [{ name: 'cache', emptyDir: {} }],
      containers: [{ name: 'default', volumeMounts: [{ name: 'cache' }] }],
    });
    const { warnings } = await planWith(scale, cluster);
    expect(warnings).to.include.members([
      `Deployment default/${NAME} belongs to Database main: its operator may scale it back at once, or take missing pods for lost ones and build others.`,
      `What these pods keep is gone with them for good: default/${pod?.metadata.name} (emptyDir cache).`,
    ]);
  });

  it('says that it has no pods where none is there', async () => {
    const cluster = fakeSystem();
    for (const { metadata } of podsOf(cluster)) cluster.objects.delete(`Pod default/${metadata.name}`);
    const { warnings, affected } = await planWith(scale, cluster);
    expect([affected, warnings.at(-1)]).to.deep.equal([[], `Deployment default/${NAME} has no pods now.`]);
  });

  it('is off where its workload was scaled, created anew or deleted by somebody else', async () => {
    const cases: readonly [string, (cluster: FakeCluster, object: KubeObject) => void][] = [
      ['is gone', (cluster) => cluster.objects.delete(`Deployment default/${NAME}`)],
      ['was created anew', (_cluster, { metadata }) => Object.assign(metadata, { uid: 'anew' })],
      ['was scaled to 5 by somebody else', (_cluster, { spec }) => Object.assign(spec as object, { replicas: 5 })],
    ];
    for (const [what, change] of cases) {
      const cluster = fakeSystem();
      const plan = await planWith(scale, cluster);
      await scale.inject(plan, fakeContext(cluster));
      change(cluster, cluster.objects.get(`Deployment default/${NAME}`) as KubeObject);
      const { proven, observed, detail } = await scale.prove(plan, fakeContext(cluster));
      expect([proven, observed, detail]).to.deep.equal([false, false, `Deployment default/${NAME} ${what}`]);
      const { state, commands } = await scale.undo(plan, fakeContext(cluster));
      const command = `kubectl -n default scale deployment/${NAME} --replicas=1`;
      expect([state, commands], what).to.deep.equal(['conflict', what === 'is gone' ? [] : [command]]);
    }
  });

  it('is not undone while its pods are there and not ready', async () => {
    const cluster = fakeSystem();
    const plan = await planWith(scale, cluster);
    await scale.inject(plan, fakeContext(cluster));
    cluster.after = ({ isWrite }) => {
      if (isWrite) for (const { status } of podsOf(cluster)) Object.assign(status as object, { conditions: [] });
    };
    const { state, detail, commands } = await scale.undo(plan, fakeContext(cluster));
    expect([state, commands]).to.deep.equal(['failed', [`kubectl -n default describe deployment/${NAME}`]]);
    expect(detail).to.equal(
      `it has the count from before, 1, but not seen in the pods of Deployment default/${NAME}: some are missing after 300 s`,
    );
  });

  it('says what others have made of it while its pods were waited for', async () => {
    const meanwhile = async (how: (cluster: FakeCluster) => unknown) => {
      const cluster = await three();
      const plan = await planWith(scale, cluster);
      await scale.inject(plan, fakeContext(cluster));
      cluster.frozen = true;
      const context = fakeContext(cluster);
      const sleep: FaultContext['clock']['sleep'] = async (ms, signal) => {
        if (context.now() === 0) {
          cluster.frozen = false;
          await scaled(cluster, 0);
          await how(cluster);
        }
        await context.clock.sleep(ms, signal);
      };
      const { state, detail } = await scale.undo(plan, { ...context, clock: { ...context.clock, sleep } });
      return `${state}: ${detail}`;
    };
    expect(await meanwhile((cluster) => scaled(cluster, 5))).to.equal(
      'undone: it has a count that somebody has set since, 5; 5 of its pods are ready',
    );
    const gone = await meanwhile((cluster) => cluster.objects.delete(`Deployment default/${NAME}`));
    expect(gone).to.equal(`conflict: Deployment default/${NAME}: it is gone; it was left alone`);
  });

  it('is written back at once in a hurry, and is not undone before its pods are seen', async () => {
    const cluster = await three();
    const plan = await planWith(scale, cluster);
    await scale.inject(plan, fakeContext(cluster));
    cluster.frozen = true;
    const context = fakeContext(cluster, AbortSignal.abort());
    const { state, detail, objects } = await scale.undo(plan, context);
    expect(state).to.equal('failed');
    expect(detail).to.match(/the count from before, 3, but not seen in the pods of .*: some are missing after 75 s/);
    expect((await cluster.get(DEPLOYMENT))?.spec).to.have.property('replicas', 3);
    expect(objects[0]?.state).to.equal('left-behind');
    cluster.frozen = false;
    await scaled(cluster, 0);
    await scaled(cluster, 3);
    expect((await scale.undo(plan, fakeContext(cluster, AbortSignal.abort()))).state).to.equal('undone');
  });

  it('is not begun on a workload that has changed since the plan', async () => {
    const cases: readonly [string, (cluster: FakeCluster, object: KubeObject) => void][] = [
      ['it is gone', (cluster) => cluster.objects.delete(`Deployment default/${NAME}`)],
      ['it was created anew', (_cluster, { metadata }) => Object.assign(metadata, { uid: 'anew' })],
      [
        'run another has changed it',
        (_cluster, { metadata }) => Object.assign(metadata, { labels: { [RUN_LABEL]: 'another' } }),
      ],
      ['it has 5 replicas', (_cluster, { spec }) => Object.assign(spec as object, { replicas: 5 })],
    ];
    for (const [what, change] of cases) {
      const cluster = fakeSystem();
      const plan = await planWith(scale, cluster);
      change(cluster, cluster.objects.get(`Deployment default/${NAME}`) as KubeObject);
      expect(await errorOf(scale.inject(plan, fakeContext(cluster)))).to.contain(
        `FAULT_CONFLICT: Deployment default/${NAME} has changed since the plan: ${what}`,
      );
      expect(cluster.writes).to.equal(0);
    }
  });

  it('is not proven while a pod still shuts down: it may answer', async () => {
    const cluster = fakeSystem();
    const plan = await planWith(scale, cluster);
    cluster.frozen = true;
    await scale.inject(plan, fakeContext(cluster));
    for (const { metadata } of podsOf(cluster)) metadata.deletionTimestamp = '2026-11-29T00:00:00Z';
    expect(await scale.prove(plan, fakeContext(cluster))).to.deep.include({
      proven: false,
      detail: 'pods that should have gone are still there',
    });
  });

  it('is refused where it takes nothing away, or nothing is there', async () => {
    expect(await errorOf(planWith(scale, fakeSystem(), { replicas: 1 }))).to.contain(
      `FAULT_NO_TARGET: cluster tokyo: Deployment default/${NAME} has 1 replicas: 1 takes none of them away`,
    );
    expect(await errorOf(planWith(scale, fakeSystem(), { deployment: 'ghost' }))).to.contain(
      'Deployment default/ghost does not exist (kubectl -n default get deployments)',
    );
  });
});

describe('a scaling of an Argo Rollout', () => {
  const OF_WEB = { deployment: undefined, rollout: 'web-ap-northeast-1a' };
  const webIn = (cluster: FakeCluster) =>
    cluster.all(KINDS.rollout).find(({ metadata }) => metadata.namespace === 'default') as KubeObject;

  it('says nothing of the count again where nothing was said of it', async () => {
    const cluster = stageSystem();
    delete (webIn(cluster).spec as { replicas?: number }).replicas;
    const before = structuredClone(webIn(cluster).spec);
    const plan = await planWith(scale, cluster, OF_WEB);
    expect(plan.summary).to.contain('from 1 to 0');
    await scale.inject(plan, fakeContext(cluster));
    expect(webIn(cluster).spec).to.include({ replicas: 0 });
    expect(webIn(cluster).metadata.annotations?.[UNDO_ANNOTATION]).to.equal(
      '[{"op":"remove","path":"/spec/replicas"}]',
    );
    expect((await scale.undo(plan, fakeContext(cluster))).state).to.equal('undone');
    expect(webIn(cluster).spec).to.deep.equal(before);
  });

  it('is refused where its autoscaler would scale back', async () => {
    const cluster = stageSystem();
    Object.assign(webIn(cluster).spec as object, { replicas: 3 });
    const hpa = autoscaler('web-ap-northeast-1a', 2);
    cluster.add({
      ...hpa,
      spec: { ...(hpa.spec as object), scaleTargetRef: { kind: 'Rollout', name: 'web-ap-northeast-1a' } },
    });
    expect(await errorOf(planWith(scale, cluster, { ...OF_WEB, replicas: 1 }))).to.contain('would scale Rollout');
  });
});

describe('a scaling of what has an autoscaler', () => {
  it('is refused where the autoscaler would scale back, and goes to zero, where it is off', async () => {
    const cluster = await three();
    cluster.add(autoscaler(NAME, 2));
    expect(await errorOf(planWith(scale, cluster, { replicas: 1 }))).to.contain(
      `HorizontalPodAutoscaler default/hpa-${NAME} would scale Deployment default/${NAME} back at once`,
    );
    expect((await planWith(scale, cluster)).warnings.join()).to.contain(`hpa-${NAME} is off`);
  });

  it('is refused to zero as well where the autoscaler may scale to zero itself', async () => {
    const cluster = await three();
    cluster.add(autoscaler(NAME, 0));
    expect(await errorOf(planWith(scale, cluster))).to.contain('would scale');
  });

  it('is not disturbed by the autoscaler of another workload', async () => {
    const cluster = await three();
    cluster.add(autoscaler('mocka-ap-northeast-1a', 2));
    expect((await planWith(scale, cluster, { replicas: 1 })).warnings.join()).to.not.contain('Autoscaler');
  });

  it('is undone, and stays so when the autoscaler goes on from there', async () => {
    const cluster = await three();
    cluster.add(autoscaler(NAME, 2));
    const plan = await planWith(scale, cluster);
    await scale.inject(plan, fakeContext(cluster));
    expect((await scale.undo(plan, fakeContext(cluster))).detail).to.contain('the count from before, 3; 3 of its pods');
    await scaled(cluster, 5);
    const again = await scale.undo(plan, fakeContext(cluster));
    expect(again).to.deep.include({ state: 'undone', commands: [] });
    expect(again.detail).to.contain('a count that somebody has set since, 5; 5 of its pods are ready');
  });

  it('is a conflict where somebody scales while it is on', async () => {
    const cluster = await three();
    const plan = await planWith(scale, cluster);
    await scale.inject(plan, fakeContext(cluster));
    await scaled(cluster, 2);
    expect((await scale.prove(plan, fakeContext(cluster))).detail).to.contain('was scaled to 2 by somebody else');
    const outcome = await scale.undo(plan, fakeContext(cluster));
    expect(outcome.state).to.equal('conflict');
    expect(outcome.commands).to.deep.equal([`kubectl -n default scale deployment/${NAME} --replicas=3`]);
    expect((await cluster.get(DEPLOYMENT))?.metadata.labels?.[RUN_LABEL]).to.be.a('string');
  });
});
