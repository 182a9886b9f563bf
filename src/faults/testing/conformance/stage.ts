import { expect } from 'chai';
import { Document } from 'yaml';
import { OBJECTIVES } from '../../../analysis/objectives/index.ts';
import { FaultlineError } from '../../../model/errors.ts';
import type { FaultContext, FaultKind, FaultPlan, UndoOutcome } from '../../../model/fault.ts';
import { KINDS, type KubeObject } from '../../../model/kubernetes.ts';
import type { FaultBlock, Json } from '../../../model/scenario.ts';
import { parseScenario } from '../../../scenario/index.ts';
import type { FakeCluster } from '../fake-cluster.ts';
import { addOwnWorkloads } from '../fake-controllers.ts';
import { fakeContext, fakeSystem } from '../fake-system.ts';

const PLAIN_ENGINE = { name: 'undici', doc: 'sends requests', dashboard: false, refuses: [] };

/** One property that every kind of fault has; throws where a kind has it not. */
export type Check = { readonly name: string; readonly check: (kind: FaultKind) => Promise<void> };

const FAULT = 'broken';

/** A pause lasts at least so long, so that a wait for what never comes is a few looks. */
const LONG_PAUSE_MS = 5_000;
/** No step of a fault has reason to pause more often; one that does waits without an end. */
const MAX_PAUSES = 100;

/** A context for one step of a fault, in which waits are short and none is without an end. */
export function shortContext(cluster: FakeCluster, signal?: AbortSignal): FaultContext {
  const context = fakeContext(cluster, signal);
  let pauses = 0;
  const sleep: FaultContext['clock']['sleep'] = async (ms, ending) => {
    if (++pauses > MAX_PAUSES) throw new Error(`a step of a fault has paused ${MAX_PAUSES} times and does not end`);
    await context.clock.sleep(Math.max(ms, LONG_PAUSE_MS), ending);
  };
  return { ...context, clock: { ...context.clock, sleep } };
}

/** A namespace with Deployments and pods of the same names as in `default`. */
export const OTHER_NAMESPACE = 'shop';

/** The system of the specs with a workload of every kind, twice, in two namespaces. */
export function stageSystem(): FakeCluster {
  const cluster = fakeSystem();
  addOwnWorkloads(cluster, 'ap-northeast-1a');
  for (const { metadata, ...object } of [...cluster.objects.values()].filter((one) => one.kind !== KINDS.node.kind)) {
    const { uid: _uid, ...kept } = metadata;
    cluster.add({ ...object, metadata: { ...kept, namespace: OTHER_NAMESPACE } } as KubeObject);
  }
  return cluster;
}

/** A fault that is planned and not yet injected. */
export type KindStage = {
  readonly cluster: FakeCluster;
  readonly plan: FaultPlan;
  /** The cluster as it was before. */
  readonly before: Json;
};

/** The example of a kind as a scenario's reader gives it to the kind. Throws with what is wrong with the example. */
export function blockOf(kind: FaultKind): FaultBlock {
  const document = {
    apiVersion: 'faultline/v1alpha1',
    kind: 'Scenario',
    metadata: { name: 'conformance' },
    spec: {
      hypothesis: 'The kind conforms.',
      load: { paths: [{ name: 'entry', request: { path: '/' } }], rate: '50/s' },
      phases: { baseline: '10s', hold: '10s', recover: '10s' },
      faults: [{ name: FAULT, [kind.kind]: kind.example }],
      expect: { steadyState: {} },
    },
  };
  const parsed = parseScenario(new Document(document).toString(), 'conformance.yaml', [kind], OBJECTIVES, [
    PLAIN_ENGINE,
  ]);
  if (!parsed.ok) throw new Error(parsed.diagnostics.map(({ message }) => message).join('\n'));
  return parsed.value.faults[0]?.spec ?? {};
}

/** Plans the example; what it gives for the cluster is what a journal would keep of it. */
export async function planned(kind: FaultKind, cluster: FakeCluster): Promise<FaultPlan> {
  const plan = await kind.plan({ name: FAULT, spec: blockOf(kind) }, shortContext(cluster));
  return JSON.parse(JSON.stringify(plan)) as FaultPlan;
}

export async function stage(kind: FaultKind): Promise<KindStage> {
  const cluster = stageSystem();
  const before = cluster.snapshot();
  return { cluster, before, plan: await planned(kind, cluster) };
}

/** A stage with the fault on. */
export async function stageOn(kind: FaultKind): Promise<KindStage> {
  const on = await stage(kind);
  await kind.inject(on.plan, shortContext(on.cluster));
  return on;
}

/** Lets no request of the cluster be disturbed any more. */
export function calm(cluster: FakeCluster): void {
  cluster.before = () => {};
  cluster.after = () => {};
}

/** How many requests a step makes. */
export async function requestsOf(cluster: FakeCluster, step: () => Promise<unknown>): Promise<number> {
  const { requests } = cluster;
  await step();
  return cluster.requests - requests;
}

/** Undoes on a cluster that nobody disturbs any more, as another machine would, and expects it to be as before. */
export async function undoWhole(
  kind: FaultKind,
  { cluster, plan, before }: KindStage,
  what: string,
): Promise<UndoOutcome> {
  calm(cluster);
  const outcome = await kind.undo(plan, shortContext(cluster));
  expect(outcome.state, `${what}: ${outcome.detail}`).to.equal('undone');
  expect(cluster.snapshot(), what).to.deep.equal(before);
  return outcome;
}

/** What a step resolved to, or the error it rejected with. */
export async function settled(step: Promise<unknown>): Promise<unknown> {
  return step.catch((error: unknown) => error);
}

/** A context whose waits are over before they begin. */
export function hurried(cluster: FakeCluster): FaultContext {
  return shortContext(cluster, AbortSignal.abort());
}

/** An undo that an edit has come between says so, and is tried again, as a run does. */
export async function undoneAtLast(kind: FaultKind, plan: FaultPlan, context: FaultContext): Promise<UndoOutcome> {
  const first = await settled(kind.undo(plan, context));
  return first instanceof FaultlineError ? kind.undo(plan, context) : (first as UndoOutcome);
}
