import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { FAULT_KINDS, faultKind } from '../faults/index.ts';
import { openCluster } from '../kube/kubeconfig.ts';
import type { FaultContext, FaultPlan } from '../model/fault.ts';
import {
  FENCE_LABEL,
  KINDS,
  type KubeObject,
  PLAN_ANNOTATION,
  RUN_LABEL,
  UNDO_ANNOTATION,
} from '../model/kubernetes.ts';
import type { Cluster } from '../model/ports.ts';
import { writeClusterJournal } from '../run/cluster-journal.ts';
import { isClean, type RecoverResult, recoverCluster } from '../run/recover.ts';
import { systemClock } from '../run/system-clock.ts';
import { recoverPorts } from '../run/testing/recover-ports.ts';
import { SandboxUnderTest } from './testing/sandbox-under-test.ts';

const NAME = 'mockb-ap-northeast-1a';
const REF = { ...KINDS.deployment, namespace: 'default', name: NAME };
const REVISION = 'deployment.kubernetes.io/revision';
const AT = { cluster: 'tokyo', namespace: 'default', deployment: NAME };
const SWAP = { kind: 'imageSwap', spec: { ...AT, image: 'curl:8', command: ['sleep', '3600'] } };
const DOWN = { kind: 'scale', spec: { ...AT, replicas: 0 } };
/** kubectl keeps these of the Deployment, and takes all others from the ReplicaSet (annotationsToSkip). */
const SKIPPED = [
  REVISION,
  'deployment.kubernetes.io/revision-history',
  'kubectl.kubernetes.io/last-applied-configuration',
];

type Spec = { readonly replicas: number; readonly template: { metadata: { labels: object }; spec: object } };
const specOf = (object: KubeObject | undefined) => structuredClone(object?.spec) as unknown as Spec;

describe('a rollback of a workload that drills have been on', function () {
  this.timeout(60_000);
  const folder = mkdtempSync(join(tmpdir(), 'faultline-rollback-'));
  let test: SandboxUnderTest;
  let cluster: Cluster;

  beforeEach(async () => {
    test = await SandboxUnderTest.start();
    const kubeconfig = join(folder, 'kubeconfig');
    writeFileSync(kubeconfig, test.sandbox.kubeconfig);
    cluster = openCluster({ name: 'tokyo', region: 'r', kubeconfig, context: 'tokyo', gateways: [] }, systemClock);
  });
  afterEach(async () => test.sandbox.close());
  after(() => rmSync(folder, { recursive: true }));

  const contextOf = (runId: string): FaultContext => {
    const { signal } = new AbortController();
    return { runId, cluster, clock: systemClock, now: () => systemClock.now(), signal, onAffected: () => {} };
  };

  /** A fault that is on, and its plan in the cluster. */
  async function on(runId: string, { kind, spec }: typeof SWAP | typeof DOWN): Promise<FaultPlan> {
    const plan = await faultKind(kind).plan({ name: 'broken', spec }, contextOf(runId));
    await writeClusterJournal(cluster, 'default', runId, [plan]);
    await faultKind(kind).inject(plan, contextOf(runId));
    await faultKind(kind).prove(plan, contextOf(runId));
    return plan;
  }

  function recover(): Promise<RecoverResult> {
    const scope = { namespaces: ['default'], lockNamespace: 'default', kinds: FAULT_KINDS };
    return recoverCluster(cluster, scope, [], recoverPorts(systemClock, new AbortController().signal));
  }

  async function revisions(): Promise<KubeObject[]> {
    const sets = await cluster.list(KINDS.replicaSet, { namespace: 'default' });
    return sets.filter(({ metadata }) => metadata.ownerReferences?.some(({ name }) => name === NAME));
  }

  /** As `kubectl rollout undo --to-revision` writes it: template and annotations of the ReplicaSet. */
  async function rollBack({ metadata, spec }: KubeObject): Promise<void> {
    const { annotations: own = {} } = (await cluster.get(REF))?.metadata ?? {};
    const pick = (from: Readonly<Record<string, string>>, isSkipped: boolean) =>
      Object.entries(from).filter(([key]) => SKIPPED.includes(key) === isSkipped);
    const annotations = Object.fromEntries([...pick(own, true), ...pick(metadata.annotations ?? {}, false)]);
    const { template } = structuredClone(spec) as unknown as Spec;
    const { 'pod-template-hash': _hash, ...labels } = template.metadata.labels as { [label: string]: string };
    const value = { ...template, metadata: { ...template.metadata, labels } };
    await cluster.patch(REF, [
      { op: 'replace', path: '/spec/template', value: value as never },
      { op: 'replace', path: '/metadata/annotations', value: annotations },
    ]);
  }

  /** What the workload still has of any drill. */
  async function marks(): Promise<string[]> {
    const { labels = {}, annotations = {} } = (await cluster.get(REF))?.metadata ?? {};
    const ours = [RUN_LABEL, FENCE_LABEL, PLAN_ANNOTATION, UNDO_ANNOTATION];
    return Object.keys({ ...labels, ...annotations }).filter((key) => ours.includes(key));
  }

  for (const fault of [SWAP, DOWN]) {
    it(`ends as a revision without any fault, whichever that is, long after a ${fault.kind}`, async () => {
      const { template: healthy, replicas } = specOf(await cluster.get(REF));
      await on('run-1', fault);
      const first = await recover();
      expect(isClean(first), JSON.stringify(first)).to.equal(true);
      // A release, so that there is something to go back from.
      await cluster.patch(REF, [{ op: 'add', path: '/spec/template/metadata/annotations', value: { release: '2' } }]);
      for (const set of await revisions()) {
        const { template } = specOf(set);
        const isFault = JSON.stringify(template).includes('curl:8');
        const isMarked = set.metadata.annotations?.[UNDO_ANNOTATION] !== undefined;
        await rollBack(set);
        const result = await recover();
        const after = specOf(await cluster.get(REF));
        const text = `revision ${set.metadata.annotations?.[REVISION]}: ${JSON.stringify(result)}`;
        expect(after.replicas, text).to.equal(replicas);
        expect(after.template.spec, text).to.deep.equal(isFault ? healthy.spec : template.spec);
        expect(result.undone.length > 0, text).to.equal(isFault);
        if (isFault || !isMarked) {
          expect([isClean(result), await marks()], text).to.deep.equal([true, []]);
          continue;
        }
        // History and no fault: it is named, with what takes it away.
        const [{ command } = { command: '' }, ...more] = result.leftovers;
        expect([
          command.endsWith(`annotate deployment/${NAME} ${PLAN_ANNOTATION}- ${UNDO_ANNOTATION}-`),
          more,
        ]).to.deep.equal([true, []]);
      }
    });
  }
});
