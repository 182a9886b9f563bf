import { expect } from 'chai';
import { faultKind, narrowTo } from '../faults/index.ts';
import { markedBy } from '../faults/marks.ts';
import { fakeSystem } from '../faults/testing/fake-system.ts';
import { paste } from '../faults/testing/paste.ts';
import { FaultlineError } from '../model/errors.ts';
import {
  ENABLED_LABEL,
  FENCE_LABEL,
  KINDS,
  type KubeObject,
  PLAN_ANNOTATION,
  RUN_LABEL,
  UNDO_ANNOTATION,
} from '../model/kubernetes.ts';
import { findLeftovers } from './leftovers.ts';
import { alteredCluster } from './testing/altered-cluster.ts';

/** A cluster with something that each kind of object of two runs has left. */
function littered() {
  const cluster = fakeSystem();
  const marked = (run: string, name: string) => ({ name, namespace: 'default', labels: { [RUN_LABEL]: run } });
  cluster.add({ ...KINDS.networkPolicy, metadata: marked('one', 'policy') });
  cluster.add({ ...KINDS.job, metadata: marked('two', 'job') });
  cluster.add({ ...KINDS.configMap, metadata: marked('one', 'faultline-run') });
  cluster.add({ ...KINDS.configMap, metadata: marked('one', 'not-ours') });
  const both = { ...marked('one', 'pod').labels, app: 'x', 'faultline.dev/blackhole': 'f' };
  cluster.add({ ...KINDS.pod, metadata: { ...marked('one', 'pod'), labels: both } });
  cluster.add({ ...KINDS.pod, metadata: { ...marked('one', 'leaver'), deletionTimestamp: '2026-11-22T09:00:00Z' } });
  const annotations = { [UNDO_ANNOTATION]: `{"a":"it's"}` };
  cluster.add({ ...KINDS.deployment, metadata: { ...marked('one', 'swapped'), annotations } });
  const patch = { [UNDO_ANNOTATION]: '[{"op":"remove","path":"/a"}]' };
  cluster.add({ ...KINDS.rollout, metadata: { ...marked('one', 'web'), annotations: patch } });
  return cluster;
}

describe('leftovers', () => {
  it('are objects that finalizers hold, deleted as they are: with what shows who holds them, and nothing that would wait for it', async () => {
    const held = { deletionTimestamp: '2026-11-22T09:00:00Z', finalizers: ['x.io/keep'] };
    for (const kind of [KINDS.envoyFilter, KINDS.virtualService, KINDS.networkPolicy, KINDS.job]) {
      const cluster = fakeSystem();
      const metadata = { name: 'held', namespace: 'default', labels: { [RUN_LABEL]: 'one' } };
      cluster.add({ ...kind, metadata: { ...metadata, ...held } });
      const at = `${kind.kind.toLowerCase()}/held`;
      const find = () => findLeftovers(cluster, { namespaces: ['default'], lockNamespace: 'default' });
      expect(await find()).to.deep.equal([
        {
          runId: 'one',
          ref: `default/${at}`,
          command: `kubectl -n default get ${at} -o yaml`,
          held: 'is deleted and held by its finalizers: x.io/keep (a controller of x.io)',
        },
      ]);
      cluster.add({ ...kind, metadata: { ...metadata, finalizers: held.finalizers } });
      const command = `kubectl -n default delete ${at} --wait=false`;
      expect(await find(), 'not deleted yet').to.deep.equal([{ runId: 'one', ref: `default/${at}`, command }]);
    }
  });

  it('of what belongs to no namespace are found once, and taken away without one', async () => {
    const cluster = fakeSystem();
    const [node] = cluster.all(KINDS.node);
    if (node !== undefined) {
      node.metadata.labels = { ...node.metadata.labels, [RUN_LABEL]: 'one' };
      node.metadata.annotations = { [UNDO_ANNOTATION]: '{"spec":{"unschedulable":null}}' };
    }
    const [left, ...more] = await findLeftovers(cluster, { namespaces: ['default', 'shop'], lockNamespace: 'default' });
    expect([left?.ref, more]).to.deep.equal([`node/${node?.metadata.name}`, []]);
    expect(left?.command).to.match(
      /^kubectl patch node\/\S+ -p '\{"spec":\{"unschedulable":null\}\}' && kubectl label node/,
    );
  });

  it('are fences that an undo has left, too, beside old annotations or not', async () => {
    const cluster = fakeSystem();
    const fenced = (name: string, annotations = {}) =>
      cluster.add({
        ...KINDS.deployment,
        metadata: { name, namespace: 'default', labels: { [FENCE_LABEL]: 'one' }, annotations },
      });
    fenced('bare');
    const history = {
      [UNDO_ANNOTATION]: '{}',
      [PLAN_ANNOTATION]: JSON.stringify({ kind: 'scale', fault: 'f', runId: 'one', objects: [], data: {} }),
    };
    fenced('old', history);
    const label = (name: string) => `kubectl -n default label deployment/${name} ${FENCE_LABEL}-`;
    const told = [
      { runId: 'one', ref: 'default/deployment/bare', command: label('bare'), isHistory: true as const },
      {
        runId: 'one',
        ref: 'default/deployment/old',
        command: `${label('old')} && kubectl -n default annotate deployment/old ${PLAN_ANNOTATION}- ${UNDO_ANNOTATION}-`,
        isHistory: true as const,
      },
    ];
    expect(await findLeftovers(cluster, { namespaces: ['default'], lockNamespace: 'default' })).to.have.deep.members(
      told,
    );
    expect(
      await findLeftovers(cluster, { namespaces: ['default'], lockNamespace: 'default' }, 'another'),
    ).to.deep.equal([]);
  });

  it('are whatever keeps the next run away from an object, which what is told takes away, pasted', async () => {
    const plan = JSON.stringify({ kind: 'scale', fault: 'f', runId: 'one', objects: [], data: {} });
    const marks = [
      ['labels', RUN_LABEL, 'one'],
      ['labels', FENCE_LABEL, 'one'],
      ['annotations', PLAN_ANNOTATION, plan],
      ['annotations', UNDO_ANNOTATION, '{}'],
    ] as const;
    for (let some = 0; some < 2 ** marks.length; some++) {
      const metadata = { name: 'web', namespace: 'default', labels: { app: 'web' }, annotations: {} };
      for (const [at, [where, key, value]] of marks.entries()) {
        if ((some & (1 << at)) !== 0) Object.assign(metadata[where], { [key]: value });
      }
      const cluster = fakeSystem();
      cluster.add({ ...KINDS.deployment, metadata });
      const find = () => findLeftovers(cluster, { namespaces: ['default'], lockNamespace: 'default' });
      const web = async () =>
        (await cluster.get({ ...KINDS.deployment, namespace: 'default', name: 'web' })) as KubeObject;
      if (markedBy(await web()) === undefined) continue;
      for (const { command } of await find()) paste(cluster, command);
      expect([markedBy(await web()), await find()], JSON.stringify(metadata)).to.deep.equal([undefined, []]);
      expect((await web()).metadata.labels, 'what is theirs stays').to.deep.equal({ app: 'web' });
    }
    const pod = { name: 'p', namespace: 'default', annotations: { [PLAN_ANNOTATION]: plan } };
    const cluster = fakeSystem();
    cluster.add({ ...KINDS.pod, metadata: pod });
    const left = await findLeftovers(cluster, { namespaces: ['default'], lockNamespace: 'default' });
    expect(left, 'a pod of a swapped template').to.deep.equal([]);
  });

  it('are taken away without the label by which an owner lets drills in', async () => {
    const cluster = fakeSystem();
    const labels = { [RUN_LABEL]: 'one', [ENABLED_LABEL]: 'true' };
    cluster.add({ ...KINDS.deployment, metadata: { name: 'd', namespace: 'default', labels } });
    const [left] = await findLeftovers(cluster, { namespaces: ['default'], lockNamespace: 'default' });
    expect(left?.command).to.equal(`kubectl -n default label deployment/d ${RUN_LABEL}-`);
  });

  it('are all objects that carry a mark, with the command that takes it away', async () => {
    expect(
      await findLeftovers(littered(), { namespaces: ['default'], lockNamespace: 'default' }, 'one'),
    ).to.have.deep.members([
      {
        runId: 'one',
        ref: 'default/deployment/swapped',
        command:
          `kubectl -n default patch deployment/swapped -p '{"a":"it'\\''s"}' && ` +
          `kubectl -n default label deployment/swapped ${RUN_LABEL}- && ` +
          `kubectl -n default annotate deployment/swapped ${PLAN_ANNOTATION}- ${UNDO_ANNOTATION}-`,
      },
      {
        runId: 'one',
        ref: 'default/rollout/web',
        command:
          `kubectl -n default patch rollout/web --type=json -p '[{"op":"remove","path":"/a"}]' && ` +
          `kubectl -n default label rollout/web ${RUN_LABEL}- && ` +
          `kubectl -n default annotate rollout/web ${PLAN_ANNOTATION}- ${UNDO_ANNOTATION}-`,
      },
      {
        runId: 'one',
        ref: 'default/pod/pod',
        command: `kubectl -n default label pod/pod ${RUN_LABEL}- faultline.dev/blackhole-`,
      },
      {
        runId: 'one',
        ref: 'default/networkpolicy/policy',
        command: 'kubectl -n default delete networkpolicy/policy --wait=false',
      },
      {
        runId: 'one',
        ref: 'default/configmap/faultline-run',
        command: 'kubectl -n default delete configmap/faultline-run --wait=false',
      },
    ]);
    const runs = (await findLeftovers(littered(), { namespaces: ['default', 'shop'], lockNamespace: 'default' })).map(
      ({ runId }) => runId,
    );
    expect(new Set(runs)).to.deep.equal(new Set(['one', 'two']));
    const plans = ['default/configmap/faultline-run'];
    expect(
      (await findLeftovers(littered(), { namespaces: ['shop'], lockNamespace: 'default' })).map(({ ref }) => ref),
      'the plans have one place',
    ).to.deep.equal(plans);
    expect(
      (await findLeftovers(littered(), { namespaces: ['shop'], lockNamespace: 'default' }, 'two')).map(
        ({ ref }) => ref,
      ),
    ).to.deep.equal([]);
  });

  it('are taken off without the word of an owner who allows drills', async () => {
    const cluster = fakeSystem();
    const labels = { [RUN_LABEL]: 'one', [ENABLED_LABEL]: 'true' };
    cluster.add({ ...KINDS.pod, metadata: { namespace: 'default', name: 'p', labels } });
    const [left] = await findLeftovers(cluster, { namespaces: ['default'], lockNamespace: 'default' });
    expect(left?.command).to.equal(`kubectl -n default label pod/p ${RUN_LABEL}-`);
  });

  it('are told with the context of their cluster in every kubectl', async () => {
    const named = alteredCluster(littered(), { kubectl: { context: 'staging' } });
    const commands = (await findLeftovers(named, { namespaces: ['default'], lockNamespace: 'default' })).map(
      ({ command }) => command,
    );
    expect(commands).to.have.length(6);
    for (const command of commands) expect(command).to.not.match(/kubectl (?!--context staging )/);
  });

  it('are none of a kind that the cluster does not know, and not known where it does not answer', async () => {
    const cluster = littered();
    const failing = (code: 'KIND_NOT_SERVED' | 'KUBE_API') => {
      cluster.before = ({ kind }) => {
        if (kind === KINDS.envoyFilter.kind) throw new FaultlineError(code, 'no');
      };
      return findLeftovers(cluster, { namespaces: ['default'], lockNamespace: 'default' }, 'one').then(
        (found) => found.length,
        (error: FaultlineError) => error.code,
      );
    };
    expect([await failing('KIND_NOT_SERVED'), await failing('KUBE_API')]).to.deep.equal([5, 'KUBE_API']);
  });

  it('are only looked for where the faults of a run can have left them', async () => {
    const cluster = littered();
    const asked = new Set<string>();
    cluster.before = ({ kind }) => asked.add(kind);
    const found = await findLeftovers(cluster, { namespaces: ['default'], lockNamespace: 'default' }, 'one', [
      narrowTo(faultKind('imageSwap'), { deployment: 'd' }),
      faultKind('podKill'),
    ]);
    expect([...asked]).to.deep.equal(['Deployment', 'ConfigMap']);
    expect(found.map(({ ref }) => ref)).to.have.members([
      'default/deployment/swapped',
      'default/configmap/faultline-run',
    ]);
  });
});
