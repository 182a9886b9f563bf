import { FaultlineError } from '../../model/errors.ts';
import type { FaultContext } from '../../model/fault.ts';
import { selectorText } from '../../model/labels.ts';
import { ALL_AFFECTED } from '../../model/toll.ts';
import { affectedBy, partsOf } from '../../workload/pods.ts';
import type { FaultRequest, PlanDraft } from '../define.ts';
import { ownerIn } from '../owner.ts';
import { inAnyRound } from '../rounds.ts';
import type { ContainerKillBlock } from './block.ts';
import { namesIn, whyNotRunning, whySpared } from './container.ts';
import { askAdmission } from './kill.ts';
import { type ContainerKillData, choose, type Found, matching } from './victims.ts';

/** Looks which pods match, and whether their kubelets would restart this container and nothing else would be hit. */
export async function plan(
  { name, block }: FaultRequest<ContainerKillBlock>,
  context: FaultContext,
): Promise<PlanDraft<ContainerKillData>> {
  const { cluster, runId } = context;
  const { namespace, container, every, image } = block;
  const where = `cluster ${cluster.name}: containerKill ${name}`;
  if (every !== undefined && image !== undefined) {
    const what = `${where} has image and every: a pod keeps the name of each ephemeral container that it has had`;
    throw new FaultlineError('FAULT_REFUSED', what, { hint: 'Leave `image` out, or kill once.' });
  }
  const aim = { namespace, container, owner: ownerIn(where, block), count: block.count };
  const more = {
    selector: block.selector === undefined ? null : selectorText(block.selector),
    zone: block.zone ?? null,
  };
  const found = await matching({ ...aim, ...more }, context);
  const chosen = choose(found, aim);
  refuse(where, block, found, chosen);
  const pods = chosen.map(({ pod }) => pod);
  const again = every === undefined ? '' : `, again every ${every / 1000} s`;
  const data: ContainerKillData = {
    ...{ ...aim, ...more },
    everyMs: every ?? null,
    image: image ?? null,
    first: chosen.map(({ victim }) => victim),
  };
  const [first] = chosen;
  if (image !== undefined && first !== undefined)
    await askAdmission(first.object, { runId, fault: name, data }, context);
  return {
    summary: `kill container ${container} in ${pods.length} of ${found.length} pods in ${namespace}: ${pods.map((pod) => pod.name).join(', ')}${again}`,
    signature: 'degrades',
    affected: affectedBy(cluster, pods),
    tolls: every === undefined ? ALL_AFFECTED : inAnyRound(found.map(({ pod }) => pod)),
    replaces: partsOf(every === undefined ? pods : found.map(({ pod }) => pod), container),
    hits: partsOf(pods, container),
    namespaces: [namespace],
    cutsOff: [],
    objects: pods.map((pod) => ({
      ...{ cluster: cluster.name, kind: 'Pod', namespace, name: pod.name },
      ...{ change: `container ${container} restarted`, state: 'one-shot' as const },
    })),
    warnings: warningsOf(block, found),
    deadMan: 'Nothing to end: each kill is over at once, and no more follow when the runner is gone.',
    data,
  };
}

function refuse(
  where: string,
  { namespace, container }: ContainerKillBlock,
  found: readonly Found[],
  chosen: readonly Found[],
): void {
  for (const { pod, object } of chosen) {
    const why = whySpared(object, container);
    if (why === undefined) continue;
    const what = `${where}: container ${container} of pod ${namespace}/${pod.name} cannot be killed by itself: ${why}`;
    throw new FaultlineError('FAULT_REFUSED', what, { hint: 'podKill takes the whole pod.' });
  }
  if (chosen.length > 0) return;
  const still = found.map(({ pod, object }) => `${pod.name} (${whyNotRunning(object, container)})`);
  const what = `${where} matches no pod in ${namespace} with a running container ${container}${still.length > 0 ? `: ${still.join(', ')}` : ''}`;
  const hint = `kubectl -n ${namespace} get pods -o custom-columns=POD:.metadata.name,CONTAINERS:.spec.containers[*].name`;
  throw new FaultlineError('FAULT_NO_TARGET', what, { hint });
}

function warningsOf({ container, every, image }: ContainerKillBlock, found: readonly Found[]): string[] {
  const others = new Set(found.flatMap(({ object }) => namesIn(object)).filter((name) => name !== container));
  return [
    'Its first process gets SIGTERM, what it has started SIGKILL. One that handles no SIGTERM goes on: the fault is not proven then.',
    'The kubelet restarts it at once the first time; one that ends again within 10 minutes waits 10 s, 20 s, 40 s, up to 5 minutes (CrashLoopBackOff).',
    ...(every === undefined ? [] : ['A round hits nobody while every matching container waits for its restart.']),
    ...(image === undefined
      ? []
      : ['Kubernetes keeps an ephemeral container that has ended as an entry in its pod until the pod is replaced.']),
    ...(others.size === 0 ? [] : [`Other containers of these pods go on: ${[...others].join(', ')}.`]),
  ];
}
