import { FaultlineError } from '../../model/errors.ts';
import type { FaultContext } from '../../model/fault.ts';
import type { TouchedObject } from '../../model/history.ts';
import { selectorText } from '../../model/labels.ts';
import { ALL_AFFECTED } from '../../model/toll.ts';
import { affectedBy, type Pod, partsOf } from '../../workload/pods.ts';
import { type Shortage, shortages, shortageText } from '../budgets.ts';
import type { FaultRequest, PlanDraft } from '../define.ts';
import { lostVolumesText } from '../lost-volumes.ts';
import { inAnyRound } from '../rounds.ts';
import type { KillBlock } from './block.ts';
import { type Aim, candidates, choose, isReplaced, type KillData } from './victims.ts';

/** Looks which pods match and names the victims of the first round. */
export async function plan(
  { name, block }: FaultRequest<KillBlock>,
  context: FaultContext,
): Promise<PlanDraft<KillData>> {
  const { cluster } = context;
  const { every } = block;
  const aim = aimOf(name, block);
  const where = aim.namespaces.join(', ');
  const matching = await candidates(aim, context);
  const victims = choose(matching, aim);
  const bare = matching.filter((pod) => !isReplaced(pod)).map((pod) => pod.name);
  if (victims.length === 0 && bare.length > 0) {
    const what = `cluster ${cluster.name}: podKill ${name} matches only pods that no controller replaces: ${bare.join(', ')}`;
    throw new FaultlineError('FAULT_REFUSED', what, { hint: 'They would be gone for good: run them by a Deployment.' });
  }
  if (victims.length === 0) {
    const what = `cluster ${cluster.name}: podKill ${name} matches no pod${ownedBy(aim)} in ${where} that is Running and not terminating`;
    throw new FaultlineError('FAULT_NO_TARGET', what, {
      hint: `kubectl -n ${aim.namespaces[0]} get pods --show-labels`,
    });
  }
  if (block.deletion === undefined) refuseHeld(name, await shortages(victims, cluster), cluster.name);
  const names = victims.map((pod) => pod.name).join(', ');
  const again = every === undefined ? '' : `, again every ${every / 1000} s`;
  return {
    summary: `kill ${victims.length} of ${matching.length} pods in ${where}: ${names}${again}`,
    signature: 'restarts',
    affected: affectedBy(cluster, victims),
    tolls: every === undefined ? ALL_AFFECTED : inAnyRound(matching.filter(isReplaced)),
    replaces: partsOf(every === undefined ? victims : matching.filter(isReplaced)),
    hits: partsOf(victims),
    namespaces: aim.namespaces,
    cutsOff: wholeZone(aim),
    objects: victims.map((pod) => killed(cluster.name, pod, block)),
    warnings: [
      ...warningsOf(block, bare),
      ...lostVolumesText(every === undefined ? victims : matching.filter(isReplaced)),
    ],
    deadMan: 'Nothing to end: each kill is over at once, and no more follow when the runner is gone.',
    data: {
      ...aim,
      everyMs: every ?? null,
      graceSeconds: block.gracePeriod === undefined ? null : Math.ceil(block.gracePeriod / 1000),
      isDeletion: block.deletion === true,
      first: victims.map(({ namespace, name: pod, uid }) => ({ namespace, name: pod, uid })),
    },
  };
}

/** Evictions of a round are made at once, and one that is forbidden fails the fault. */
function refuseHeld(fault: string, held: readonly Shortage[], cluster: string): void {
  if (held.length === 0) return;
  const what = `cluster ${cluster}: podKill ${fault} could not be injected: ${held.map(shortageText).join('; ')}`;
  const hint = 'kubectl get pdb -A; kill fewer pods at once, or write `deletion: true`: a deletion asks no budget.';
  throw new FaultlineError('FAULT_REFUSED', what, { hint });
}

function ownedBy({ owner }: Aim): string {
  return owner === null ? '' : ` of ${owner}`;
}

function aimOf(fault: string, block: KillBlock): Aim {
  const { namespace, namespaces, selector, node, zone, count, percent } = block;
  return {
    namespaces: [...new Set(namespaces ?? [namespace ?? ''])],
    owner: ownerOf(fault, block),
    selector: selector === undefined ? null : selectorText(selector),
    node: node ?? null,
    zone: zone ?? null,
    count,
    percent: percent ?? null,
  };
}

function ownerOf(fault: string, block: KillBlock): string | null {
  const { deployment, statefulSet, daemonSet, rollout, replicaSet } = block;
  const named = Object.entries({
    Deployment: deployment,
    StatefulSet: statefulSet,
    DaemonSet: daemonSet,
    Rollout: rollout,
  });
  const owners = [...named, ['ReplicaSet', replicaSet] as const].filter(([, name]) => name !== undefined);
  if (owners.length > 1) {
    const what = `podKill ${fault} names ${owners.map(([kind]) => kind).join(' and ')}: a pod belongs to one workload`;
    throw new FaultlineError('FAULT_NO_TARGET', what, { hint: 'Write one fault for each workload.' });
  }
  const [kind, name] = owners[0] ?? [];
  return kind === undefined ? null : `${kind}/${name}`;
}

/** Once all pods of a zone are killed, whatever they are, nothing of it serves until they are replaced. */
function wholeZone({ owner, selector, node, zone, percent }: Aim): string[] {
  return zone !== null && owner === null && selector === null && node === null && percent === 1 ? [zone] : [];
}

function warningsOf({ deletion }: KillBlock, bare: readonly string[]): string[] {
  return [
    ...(deletion ? ['The pods are deleted, not evicted: no PodDisruptionBudget holds.'] : []),
    ...(bare.length > 0 ? [`No controller replaces ${bare.join(', ')}: left alone.`] : []),
  ];
}

function killed(cluster: string, { namespace, name }: Pod, { deletion }: KillBlock): TouchedObject {
  const change = deletion ? 'deleted' : 'evicted';
  return { cluster, kind: 'Pod', namespace, name, change, state: 'one-shot' };
}
