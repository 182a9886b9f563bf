import type { EffectProof, FaultContext, PermissionRule, ServedCluster, UndoOutcome } from '../../model/fault.ts';
import type { AffectedPod } from '../../model/history.ts';
import { KINDS, type KubeKind, type KubeObject } from '../../model/kubernetes.ts';
import type { Json } from '../../model/scenario.ts';
import { shellCommand } from '../../model/shell.ts';
import { affectedBy, type Pod, zonesOfNodes } from '../../workload/pods.ts';
import type { PlanOf } from '../define.ts';
import { endAll } from '../end-all.ts';
import { otherMark, sameJson } from '../marks.ts';
import { poll, pollUndone, unproven } from '../poll.ts';
import { reachOf } from './configuration.ts';
import { createExpiring } from './create.ts';
import { whyEndless } from './expiry.ts';
import { objectName, ownedMetadata, ownedRefs } from './objects.ts';
import { askedPods, type Chosen } from './pods.ts';
import type { ProxyState } from './proxies.ts';
import { removeOwned } from './undo.ts';

/** A fault that is configuration of some pods' proxies: one object of Istio, which a Job owns. */
export type ProxyFault = {
  readonly kind: KubeKind;
  readonly spec: Json;
  readonly expirySeconds: number;
  readonly chosen: Chosen;
  /** What proxies know it by: the name of its filter, or of its route. */
  readonly mark: string;
  /** What the proxies of these pods say of it, in their order. Rejects when one does not answer. */
  readonly ask: (cluster: ServedCluster, pods: readonly Pod[]) => Promise<readonly ProxyState[]>;
};

/** What it asks for besides its object of Istio. */
export const PROXY_FAULT_PERMISSIONS: readonly PermissionRule[] = [
  { kind: KINDS.job, verbs: ['get', 'create', 'delete'], undo: ['get', 'delete'], scope: 'namespace' },
  { kind: KINDS.pod, verbs: ['list'], undo: ['list'], scope: 'namespace' },
  {
    kind: KINDS.pod,
    subresource: 'portforward',
    verbs: ['get', 'create'],
    undo: ['get', 'create'],
    scope: 'namespace',
  },
  { kind: KINDS.node, verbs: ['list'], scope: 'cluster' },
];

/** Proxies let go of kept connections within 45 s (Istio: drainDuration); beyond this the fault counts as not proven. */
const PROOF_MS = 90_000;
/** How long the proxies may take to let go of it before the undo stops waiting for them. */
const LET_GO_MS = 60_000;

/** Creates the Job and the object. */
export function injectProxyFault(plan: PlanOf<unknown>, fault: ProxyFault, { cluster }: FaultContext): Promise<void> {
  const { kind, spec, expirySeconds, chosen } = fault;
  const { namespace } = chosen;
  return createExpiring(cluster, plan, { namespace, expirySeconds }, (job) => ({
    ...kind,
    metadata: ownedMetadata(plan, namespace, job),
    spec,
  }));
}

/** Why its Job would not end it. */
export function whyEndlessProxyFault(
  plan: PlanOf<unknown>,
  { kind, expirySeconds, chosen: { namespace } }: ProxyFault,
  { cluster }: FaultContext,
): Promise<string | undefined> {
  return whyEndless(cluster, plan, { kind, namespace, expirySeconds });
}

/** The object is there as it was made, and the proxy of every pod says that it has it for all that it does. */
export async function proveProxyFault(
  plan: PlanOf<unknown>,
  { kind, spec, chosen, ask }: ProxyFault,
  context: FaultContext,
): Promise<EffectProof> {
  const ref = { ...kind, namespace: chosen.namespace, name: objectName(plan) };
  let missing = 'no pod is there';
  const look = async (): Promise<EffectProof | undefined> => {
    const before = context.now();
    const off = offText(await context.cluster.get(ref), plan.runId, spec);
    if (off !== undefined) return unproven(`${kind.kind} ${ref.namespace}/${ref.name} ${off}`);
    const answers = (await endAll(reachOf(context).map((cluster) => answersIn(cluster, chosen, ask)))).flat();
    const late = answers.flatMap(({ pod, state }) => (state === 'has' ? [] : [`${pod.pod} (${state})`]));
    if (late.length > 0) missing = `not all proxies have it for all that they do: ${late.join(', ')}`;
    if (late.length > 0 || answers.length === 0) return undefined;
    const affected = answers.map(({ pod }) => pod);
    const detail = `the ${kind.kind} is there, and the proxies of ${affected.map(({ pod }) => pod).join(', ')} have it`;
    return { proven: true, observed: true, detail, effective: before, affected };
  };
  return (await poll(context, PROOF_MS, look)) ?? unproven(missing);
}

/** The chosen pods of a cluster that take part in calls, and what their proxies say. */
async function answersIn(
  cluster: ServedCluster,
  chosen: Chosen,
  ask: ProxyFault['ask'],
): Promise<{ readonly pod: AffectedPod; readonly state: ProxyState | undefined }[]> {
  const pods = await askedPods(chosen, cluster, await zonesOfNodes(cluster));
  const states = await ask(cluster, pods);
  return affectedBy(cluster, pods).map((pod, index) => ({ pod, state: states[index] }));
}

function offText(object: KubeObject | undefined, runId: string, spec: Json): string | undefined {
  if (object === undefined) return 'is gone';
  if (otherMark(object, runId) !== undefined) return 'is not of this run';
  return sameJson(object.spec as Json, spec) ? undefined : 'was changed by somebody else';
}

/**
 * Deletes the object, then its Job, and waits until the proxies have let go of it. It is not undone while one has it for new
 * connections, as where no istiod is there to tell it. Rejects where they do not say.
 */
export async function undoProxyFault(
  plan: PlanOf<unknown>,
  fault: ProxyFault,
  context: FaultContext,
): Promise<UndoOutcome> {
  const { kind, chosen, ask } = fault;
  let held: readonly string[] = [];
  const look = async (): Promise<true | undefined> => {
    const states = (await endAll(reachOf(context).map((cluster) => statesIn(cluster, chosen, ask)))).flat();
    held = states.flatMap(({ pod, state }) => (state === 'has' || state === 'taking over' ? [pod] : []));
    return states.every(({ state }) => state === 'has not') ? true : undefined;
  };
  const outcome = await removeOwned(plan, ownedRefs(kind, chosen.namespace, plan), context, async () => {
    const isGone = await pollUndone(context, LET_GO_MS, look);
    return `${kind.kind} and Job are deleted, the proxies ${isGone ? 'have let go of it' : 'may still have it for some connections'}`;
  });
  return held.length === 0 ? outcome : stillOn(outcome, fault, held, context);
}

/** What the proxies of a cluster's chosen pods say, by the names of these. */
async function statesIn(cluster: ServedCluster, chosen: Chosen, ask: ProxyFault['ask']) {
  const pods = await askedPods(chosen, cluster);
  const states = await ask(cluster, pods);
  return pods.map(({ name }, index) => ({ pod: `${name} of ${cluster.name}`, state: states[index] }));
}

/** Deleted, and on all the same: an object that somebody has copied from it puts it there, or no istiod has told the proxies. */
async function stillOn(
  { objects }: UndoOutcome,
  { kind: { apiVersion, kind }, chosen: { namespace }, mark }: ProxyFault,
  held: readonly string[],
  { cluster }: FaultContext,
): Promise<UndoOutcome> {
  const after = `deleted, but still in the proxies of ${held.join(', ')}`;
  // Whoever may not list them, as a dead-man, knows of none.
  const all = await cluster.list({ apiVersion, kind }, { namespace }).catch(() => []);
  const copies = all.filter(({ spec }) => JSON.stringify(spec ?? {}).includes(JSON.stringify(mark)));
  const names = copies.map(({ metadata: { name } }) => `${kind} ${namespace}/${name}`).join(', ');
  const why =
    copies.length === 0
      ? `the istiod of ${cluster.name} has to run and reach them to take it away, unless another ${kind} puts ${mark} there as well; recover looks again`
      : `${names}, which the run has not made, puts it there as well (${mark}): delete that, or take the fault out of it; recover looks again`;
  return {
    state: 'failed',
    detail: `${kind} and Job are deleted, but the fault is still on in the proxies of ${held.join(', ')}: ${why}`,
    objects: objects.map((object) => (object.kind === kind ? { ...object, after, state: 'left-behind' } : object)),
    commands:
      copies.length === 0
        ? ['kubectl get deployments,pods --all-namespaces -l app=istiod']
        : copies.map(({ metadata: { name = '' } }) =>
            shellCommand(['kubectl', '-n', namespace, 'get', `${kind.toLowerCase()}/${name}`, '-o', 'yaml']),
          ),
  };
}
