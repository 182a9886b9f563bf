import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { alteredCluster } from '../faults/altered-cluster.ts';
import { imageSwap } from '../faults/image-swap/index.ts';
import { FAULT_KINDS, faultKind } from '../faults/index.ts';
import { watchWrites } from '../faults/lost-writes.ts';
import { openCluster } from '../kube/kubeconfig.ts';
import { FaultlineError } from '../model/errors.ts';
import type { FaultContext, FaultPlan } from '../model/fault.ts';
import { KINDS, type KubeObject, PLAN_ANNOTATION } from '../model/kubernetes.ts';
import type { Cluster } from '../model/ports.ts';
import { findMarkedPlans } from '../run/marked-plans.ts';
import { systemClock } from '../run/system-clock.ts';
import { undoFault } from '../run/undo.ts';
import { SandboxUnderTest } from './testing/sandbox-under-test.ts';

const NAME = 'mockb-ap-northeast-1a';
const REF = { ...KINDS.deployment, namespace: 'default', name: NAME };
const clock = systemClock;

type Spec = {
  paused?: boolean;
  template: { metadata: object; spec: { containers: { image: string; command?: string[] }[] } };
};
const specOf = (object: KubeObject | undefined) => object?.spec as unknown as Spec;

describe('an image swap against an API server and its controllers', function () {
  this.timeout(60_000);
  const folder = mkdtempSync(join(tmpdir(), 'faultline-undo-'));
  const kubeconfig = join(folder, 'kubeconfig');
  let test: SandboxUnderTest;
  let cluster: Cluster;
  let context: FaultContext;
  let plan: FaultPlan;
  let before: Spec;

  beforeEach(async () => {
    test = await SandboxUnderTest.start();
    writeFileSync(kubeconfig, test.sandbox.kubeconfig);
    cluster = openCluster({ name: 'tokyo', region: 'r', kubeconfig, context: 'tokyo', gateways: [] }, clock);
    const { signal } = new AbortController();
    context = { runId: 'run-1', cluster, clock, now: () => clock.now(), signal, onAffected: () => {} };
    const spec = {
      cluster: 'tokyo',
      namespace: 'default',
      deployment: NAME,
      image: 'curl:8',
      command: ['sleep', '3600'],
    };
    plan = await imageSwap.plan({ name: 'swap', spec }, context);
    before = structuredClone(specOf(await cluster.get(REF)));
  });
  afterEach(async () => test.sandbox.close());
  after(() => rmSync(folder, { recursive: true }));

  const undo = () => undoFault(plan, faultKind, context, [], 'faultline recover');
  const expectBefore = async () => expect(specOf(await cluster.get(REF))).to.deep.equal(before);

  it('is put back for good when its write comes after the undo', async () => {
    let land: () => Promise<string> = async () => 'none';
    const patch: Cluster['patch'] = (ref, ops) => {
      land = () =>
        cluster.patch(ref, ops).then(
          () => 'done',
          (error: FaultlineError) => error.code,
        );
      return Promise.reject(new FaultlineError('TARGET_UNREACHABLE', 'no answer'));
    };
    const watched = watchWrites(alteredCluster(cluster, { patch }), context.now);
    await imageSwap.inject(plan, { ...context, cluster: watched.cluster }).catch(() => {});
    const { state } = await undoFault(plan, faultKind, context, watched.lost(), 'faultline recover');
    expect([state, await land()]).to.deep.equal(['undone', 'FAULT_CONFLICT']);
    await expectBefore();
    expect((await cluster.get(REF))?.metadata.labels).to.not.have.property('faultline.dev/fence');
  });

  it('is undone in the pods, or says why not; and its template tells of itself in the history of the workload', async () => {
    await imageSwap.inject(plan, context);
    expect((await imageSwap.prove(plan, context)).proven).to.equal(true);
    const swapped = specOf(await cluster.get(REF)).template;
    await cluster.patch(REF, [{ op: 'add', path: '/spec/paused', value: true }]);
    const { state, detail, commands } = await undo();
    expect([state, detail]).to.deep.equal([
      'failed',
      `image and command are back, but not seen in the pods of Deployment default/${NAME}: it is paused`,
    ]);
    expect(commands).to.deep.equal([
      `kubectl --kubeconfig ${kubeconfig} --context tokyo -n default rollout resume deployment/${NAME}`,
      'faultline recover',
    ]);
    await cluster.patch(REF, [{ op: 'remove', path: '/spec/paused' }]);
    expect((await undo()).state).to.equal('undone');
    await expectBefore();
    const pods = await cluster.list(KINDS.pod, { namespace: 'default' });
    expect(
      pods.filter(
        ({ metadata }) => metadata.annotations?.[PLAN_ANNOTATION] !== undefined && !metadata.deletionTimestamp,
      ),
    ).to.deep.equal([]);
    // As `kubectl rollout undo` does, days later.
    test.change(KINDS.deployment, NAME, (object) => Object.assign(object.spec as object, { template: swapped }));
    const [found] = await findMarkedPlans(cluster, ['default'], FAULT_KINDS, undefined);
    expect(found?.runId).to.equal('run-1');
    expect((await undoFault(found ?? plan, faultKind, context, [], 'faultline recover')).state).to.equal('undone');
    await expectBefore();
  });
});
