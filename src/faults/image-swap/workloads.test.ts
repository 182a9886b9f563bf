import { expect } from 'chai';
import { FaultlineError } from '../../model/errors.ts';
import type { FaultPlan, UndoOutcome } from '../../model/fault.ts';
import { KINDS, type KubeKind, type KubeObject } from '../../model/kubernetes.ts';
import type { Json } from '../../model/scenario.ts';
import { blockOf, settled, stageSystem } from '../testing/conformance/stage.ts';
import type { FakeCluster } from '../testing/fake-cluster.ts';
import { fakeContext } from '../testing/fake-system.ts';
import { errorOf, planWith } from '../testing/steps.ts';
import { imageSwap } from './index.ts';

const DB = 'db-ap-northeast-1a';
const AGENT = 'agent-ap-northeast-1a';
const OF_DB = { deployment: undefined, statefulSet: DB };
const OF_AGENT = { deployment: undefined, daemonSet: AGENT };
const PROBE = { readinessProbe: { httpGet: {} } };

type Change = { readonly spec?: object; readonly container?: object; readonly status?: object };

/** The system of the suite with one workload changed, with as many pods as it says. */
function systemWith(kind: KubeKind, { spec = {}, container = {}, status = {} }: Change, pods = 1): FakeCluster {
  const cluster = stageSystem();
  const [workload] = cluster.all(kind).filter(({ metadata }) => metadata.namespace === 'default');
  if (workload === undefined) throw new Error('there is one');
  const { template } = workload.spec as unknown as { template: { spec: { containers: object[] } } };
  Object.assign(template.spec.containers[0] ?? {}, container);
  Object.assign(workload.spec as object, spec);
  Object.assign(workload.status as object, status);
  const [first] = cluster.all(KINDS.pod).filter(({ metadata }) => metadata.name === `${workload.metadata.name}-0`);
  for (let at = 1; at < pods && first !== undefined; at++) {
    const { uid: _uid, ...metadata } = first.metadata;
    cluster.add({ ...first, metadata: { ...metadata, name: `${workload.metadata.name}-${at}` } } as KubeObject);
  }
  return cluster;
}

const sets = (change: Change, pods = 1) => systemWith(KINDS.statefulSet, change, pods);
const daemons = (change: Change) => systemWith(KINDS.daemonSet, change);

async function on(cluster: FakeCluster, fields: Parameters<typeof planWith>[2]): Promise<FaultPlan> {
  const plan = await planWith(imageSwap, cluster, fields);
  await imageSwap.inject(plan, fakeContext(cluster));
  return plan;
}

describe('the workload of an image swap', () => {
  it('is exactly one', () => {
    const read = (more: object) => blockOf({ ...imageSwap, example: { ...imageSwap.example, ...more } });
    expect(() => read({ statefulSet: 'db' })).to.throw('must have only one of');
    const { deployment: _, ...none } = imageSwap.example;
    expect(() => blockOf({ ...imageSwap, example: none })).to.throw(
      'needs `deployment`, `statefulSet`, `daemonSet` or `rollout`',
    );
  });

  it('is named by its kind, with what the API must allow for it', async () => {
    const asked = ({ permissions }: FaultPlan) => [...new Set(permissions.map(({ verb, kind }) => `${verb} ${kind}`))];
    const db = await planWith(imageSwap, stageSystem(), OF_DB);
    expect(db.summary).to.contain(`StatefulSet default/${DB}`);
    expect(asked(db)).to.have.members([
      ...['get StatefulSet', 'patch StatefulSet', 'delete Pod', 'list Pod', 'list Node'],
    ]);
    const agent = await planWith(imageSwap, stageSystem(), OF_AGENT);
    expect(agent.objects[0]).to.deep.include({ kind: 'DaemonSet', name: AGENT });
    expect(asked(agent)).to.have.members(['get DaemonSet', 'patch DaemonSet', 'list Pod', 'list Node']);
  });

  it('is a Deployment in a plan of an older version, and unknown kinds are damaged plans', async () => {
    const cluster = stageSystem();
    const plan = await on(cluster, {});
    const { owner: _, ...data } = plan.data as { [field: string]: Json };
    const old = { ...plan, data: { ...data, name: 'mockb-ap-northeast-1a' } };
    expect((await imageSwap.undo(old, fakeContext(cluster))).state).to.equal('undone');
    for (const owner of ['Job/x', 'toString/x', '']) {
      const damaged = { ...plan, data: { ...data, owner } };
      expect(await errorOf(imageSwap.undo(damaged, fakeContext(cluster))), owner).to.contain('JOURNAL');
    }
  });

  it('is refused where no pod gets a new template by itself', async () => {
    const refusal = (cluster: FakeCluster, fields: Parameters<typeof planWith>[2]) =>
      errorOf(planWith(imageSwap, cluster, fields));
    const onDelete = { spec: { updateStrategy: { type: 'OnDelete' } } };
    expect(await refusal(sets(onDelete), OF_DB)).to.contain('has updateStrategy OnDelete');
    expect(await refusal(daemons(onDelete), OF_AGENT))
      .to.contain('FAULT_NO_TARGET')
      .and.contain('podKill');
    const partition = (at: number) => ({ replicas: 2, updateStrategy: { rollingUpdate: { partition: at } } });
    expect(await refusal(sets({ spec: partition(2) }, 2), OF_DB)).to.contain('has partition 2, which keeps all');
    expect(await refusal(sets({ spec: partition(1) }, 2), OF_DB)).to.equal('none');
  });

  it('is hit from its partition on, and the rest is said to stay', async () => {
    const updateStrategy = { rollingUpdate: { partition: 1 } };
    const hit = async (more: object) => {
      const plan = await planWith(imageSwap, sets({ spec: { replicas: 3, updateStrategy, ...more } }, 3), OF_DB);
      return [plan.affected.map(({ pod }) => pod.slice(DB.length)), plan.warnings.join()] as const;
    };
    const [pods, warnings] = await hit({});
    expect(pods).to.deep.equal(['-1', '-2']);
    expect(warnings).to.contain('its 1 lowest pods keep the old image').and.contain('one after another');
    expect((await hit({ ordinals: { start: 1 } }))[0]).to.deep.equal(['-2']);
  });

  it('keeps as many old pods behind a probe as a Deployment that says nothing does: a quarter goes, rounded down', async () => {
    const warned = async (replicas: number, strategy: object) => {
      const cluster = systemWith(KINDS.deployment, { container: PROBE, spec: { replicas, strategy } });
      const [{ metadata } = { metadata: {} as KubeObject['metadata'] }] = cluster.all(KINDS.deployment);
      const plan = await planWith(imageSwap, cluster, { deployment: metadata.name });
      return /at least (\d+) old/.exec(plan.warnings.join())?.[1];
    };
    expect(await warned(8, {})).to.equal('6');
    expect(await warned(3, {})).to.equal('3');
    expect(await warned(3, { rollingUpdate: { maxSurge: 0 } })).to.equal('2');
  });

  it('keeps as many old pods behind a probe as its kind does', async () => {
    const warned = async (cluster: FakeCluster, fields: Parameters<typeof planWith>[2]) =>
      /at least (\d+) old/.exec((await planWith(imageSwap, cluster, fields)).warnings.join())?.[1];
    const set = (replicas: number, rollingUpdate: object) =>
      warned(sets({ container: PROBE, spec: { replicas, updateStrategy: { rollingUpdate } } }), OF_DB);
    expect(await set(3, {})).to.equal('2');
    expect(await set(4, { partition: 1 })).to.equal('2');
    expect(await set(4, { maxUnavailable: '60%' })).to.equal('2');
    expect(await set(1, {})).to.equal(undefined);
    const daemon = (desiredNumberScheduled: number, rollingUpdate: object) =>
      warned(
        daemons({ container: PROBE, status: { desiredNumberScheduled }, spec: { updateStrategy: { rollingUpdate } } }),
        {
          ...OF_AGENT,
        },
      );
    expect(await daemon(3, {})).to.equal('2');
    expect(await daemon(5, { maxUnavailable: '50%' })).to.equal('2');
    expect(await daemon(3, { maxSurge: 1 })).to.equal('3');
    expect(await daemon(3, { maxSurge: '10%' }), 'a part of a pod is a pod').to.equal('3');
    expect(await daemon(1, {})).to.equal(undefined);
  });
});

describe('the undo of an image swap of a StatefulSet', () => {
  const pods = (cluster: FakeCluster) =>
    cluster
      .all(KINDS.pod)
      .filter(({ metadata: { name, namespace } }) => name?.startsWith(DB) && namespace === 'default');

  it('deletes the pod that the controller waits for in vain, and waits for the rollout', async () => {
    const cluster = stageSystem();
    const plan = await on(cluster, OF_DB);
    const [stuck] = pods(cluster);
    const outcome = await imageSwap.undo(plan, fakeContext(cluster));
    expect(outcome).to.include({ state: 'undone', detail: 'image and command are back, the rollout is complete' });
    expect(pods(cluster)).to.have.length(1);
    expect(pods(cluster)[0]?.metadata.uid).to.not.equal(stuck?.metadata.uid);
  });

  it('in a hurry does not wait until the controller has seen the template', async () => {
    const cluster = stageSystem();
    const plan = await on(cluster, OF_DB);
    for (const set of cluster.all(KINDS.statefulSet)) set.metadata.generation = 9;
    const [stuck] = pods(cluster);
    await imageSwap.undo(plan, fakeContext(cluster, AbortSignal.abort()));
    expect(pods(cluster)[0]?.metadata.uid).to.not.equal(stuck?.metadata.uid);
  });

  it('leaves a pod that the controller has replaced first, and says what else keeps it from being deleted', async () => {
    for (const [code, wanted] of [
      ['FAULT_CONFLICT', 'failed'],
      ['KUBE_API', 'KUBE_API'],
    ] as const) {
      const cluster = stageSystem();
      const plan = await on(cluster, OF_DB);
      cluster.delete = async () => {
        throw new FaultlineError(code, 'not this one');
      };
      const end = await settled(imageSwap.undo(plan, fakeContext(cluster)));
      expect(end instanceof FaultlineError ? end.code : (end as UndoOutcome).state).to.equal(wanted);
    }
  });

  it('deletes no pod that is ready, of the wanted revision, or of another image', async () => {
    const spare: readonly [string, (pod: KubeObject, cluster: FakeCluster) => void][] = [
      [
        'ready',
        (pod) => Object.assign(pod, { status: { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] } }),
      ],
      [
        'wanted',
        (pod, cluster) => {
          const [set] = cluster.all(KINDS.statefulSet);
          const { updateRevision = '' } = (set?.status ?? {}) as { updateRevision?: string };
          Object.assign(pod.metadata.labels ?? {}, { 'controller-revision-hash': updateRevision });
        },
      ],
      [
        'other',
        (pod) => {
          Object.assign(pod.spec as object, { containers: [{ name: 'default', image: 'hotfix:1' }] });
          Object.assign(pod.metadata, { annotations: {} });
        },
      ],
    ];
    for (const [what, change] of spare) {
      const cluster = stageSystem();
      const plan = await on(cluster, OF_DB);
      const patch = cluster.patch.bind(cluster);
      cluster.patch = async (...order) => {
        const result = await patch(...order);
        for (const pod of pods(cluster)) change(pod, cluster);
        return result;
      };
      const uids = () => pods(cluster).map(({ metadata }) => metadata.uid);
      const before = uids();
      const { state, detail } = await imageSwap.undo(plan, fakeContext(cluster));
      expect([state, uids()], what).to.deep.equal(['failed', before]);
      expect(detail, what).to.contain('not seen in the pods');
    }
  });
});
