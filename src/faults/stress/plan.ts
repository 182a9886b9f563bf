import { FaultlineError } from '../../model/errors.ts';
import type { FaultContext } from '../../model/fault.ts';
import type { TouchedObject } from '../../model/history.ts';
import { selectorText } from '../../model/labels.ts';
import { limitOf } from '../../model/pod-limits.ts';
import { ALL_AFFECTED } from '../../model/toll.ts';
import { affectedBy } from '../../workload/pods.ts';
import type { PlanDraft } from '../define.ts';
import { containerName, type FaultName } from '../in-pod/container.ts';
import type { Task } from '../in-pod/kind.ts';
import { askAdmission, refuseOther } from '../in-pod/pods.ts';
import { ownerIn } from '../owner.ts';
import type { StressData } from './data.ts';
import { containerNames, type Stress, stressTasks } from './kind.ts';

/** What the blocks of all kinds of stress have. */
type StressBlock = {
  readonly namespace: string;
  readonly deployment?: string;
  readonly statefulSet?: string;
  readonly daemonSet?: string;
  readonly rollout?: string;
  readonly selector?: Readonly<Record<string, string>>;
  readonly zone?: string;
  readonly unlimited?: readonly string[];
  readonly image: string;
  readonly expiry: number;
};

/** Looks which pods match and what bounds them, and asks the API whether it would take the containers. */
export async function planStress(
  it: Stress,
  block: StressBlock,
  { fault, amountFor, warnings }: StressOrder,
  context: FaultContext,
): Promise<PlanDraft<StressData>> {
  const { cluster, runId } = context;
  const where = `cluster ${cluster.name}: ${it.kind} ${fault}`;
  const aim: StressData = {
    ...{ namespaces: [block.namespace], owner: ownerIn(where, block), zone: block.zone ?? null },
    selector: block.selector === undefined ? null : selectorText(block.selector),
    ...{ amount: 0, image: block.image, expirySeconds: Math.ceil(block.expiry / 1000) },
  };
  const found = await stressTasks(it, { runId, fault, data: aim }, context);
  if (found.length === 0) {
    const hint = `kubectl -n ${block.namespace} get pods --show-labels`;
    throw new FaultlineError('FAULT_NO_TARGET', `${where} matches no pod in ${block.namespace}`, { hint });
  }
  for (const { object } of found) refuseOther(cluster.name, object, runId);
  refuseUnbounded(it, where, found, block.unlimited ?? []);
  const limits = found.map(({ object }) => limitOf(object, it.resource));
  const data = { ...aim, amount: amountFor(limits) };
  const named = { runId, fault, data };
  await askAdmission(await stressTasks(it, named, context), it, named, context);
  const pods = found.map(({ pod }) => pod);
  return {
    summary: `${it.text(data.amount)} in each of ${pods.length} pods in ${block.namespace}: ${pods.map(({ name }) => name).join(', ')}`,
    signature: 'degrades',
    affected: affectedBy(cluster, pods),
    // Of a CPU the kernel leaves each container its part.
    tolls: it.resource === 'memory' ? ALL_AFFECTED : [],
    namespaces: aim.namespaces,
    cutsOff: [],
    objects: pods.map(({ namespace, name }) => touched(cluster.name, namespace, name, named)),
    warnings: [
      ...warnings(data.amount, limits, [...new Set(found.flatMap(({ object }) => containerNames(object)))]),
      'Kubernetes keeps an ephemeral container that has ended as an entry in its pod until the pod is replaced.',
    ],
    expiresMs: data.expirySeconds * 1000,
    deadMan: `Each container ends by itself after ${data.expirySeconds}s, with no runner and no API server.`,
    data,
  };
}

/** What a kind says of its plan by itself. Limits are those of each pod; undefined where a pod has none. */
type StressOrder = {
  readonly fault: string;
  readonly amountFor: (limits: readonly (number | undefined)[]) => number;
  readonly warnings: (
    amount: number,
    limits: readonly (number | undefined)[],
    containers: readonly string[],
  ) => readonly string[];
};

function refuseUnbounded(it: Stress, where: string, found: readonly Task[], unlimited: readonly string[]): void {
  const open = found.filter(({ object }) => limitOf(object, it.resource) === undefined);
  const workloads = [...new Set(open.map(({ pod }) => pod.workload))];
  const ghosts = unlimited.filter((name) => !workloads.includes(name));
  if (ghosts.length > 0) {
    const what = `${where} has in unlimited what it does not hit without a ${it.resource} limit: ${ghosts.join(', ')}`;
    throw new FaultlineError('FAULT_NO_TARGET', what, { hint: 'unlimited names workloads: leave out the others.' });
  }
  const refused = workloads.filter((name) => !unlimited.includes(name));
  if (refused.length === 0) return;
  const what = `${where}: not every container of ${refused.join(', ')} has a ${it.resource} limit: nothing but the node would bound it`;
  throw new FaultlineError('FAULT_REFUSED', what, { hint: `If that is meant: unlimited: [${refused.join(', ')}]` });
}

function touched(cluster: string, namespace: string, name: string, fault: FaultName): TouchedObject {
  const change = `add ephemeral container ${containerName(fault)}`;
  const [before, during] = ['not stressed', 'stressed'];
  return { cluster, kind: 'Pod', namespace, name, change, before, during, state: 'unknown' };
}
