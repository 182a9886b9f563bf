import { conditionOf, isTrue } from '../../model/conditions.ts';
import type { KubeObject } from '../../model/kubernetes.ts';
import { isEnded, nodeOf, podStatus } from '../../model/pod-object.ts';
import { at, mapsOf, numberOf } from '../api/json.ts';

/** Counts as a replica: neither finished nor being deleted (pkg/controller IsPodActive). */
export function isActive(pod: KubeObject): boolean {
  return !isEnded(pod) && pod.metadata.deletionTimestamp === undefined;
}

/** Since when the pod has been ready, in milliseconds of wall time; undefined when it is not. */
export function readySince(pod: KubeObject): number | undefined {
  if (!isTrue(pod, 'Ready')) return undefined;
  const time = Date.parse(conditionOf(pod, 'Ready')?.lastTransitionTime ?? '');
  return Number.isNaN(time) ? 0 : time;
}

export function isReady(pod: KubeObject): boolean {
  return isTrue(pod, 'Ready');
}

/** Ready for at least `minReadySeconds`. */
export function isAvailable(pod: KubeObject, minReadySeconds: number, now: Date): boolean {
  const since = readySince(pod);
  return since !== undefined && (minReadySeconds === 0 || since + minReadySeconds * 1000 <= now.getTime());
}

function restarts(pod: KubeObject): number {
  return mapsOf(at(pod, 'status', 'containerStatuses')).reduce(
    (most, one) => Math.max(most, numberOf(one.restartCount)),
    0,
  );
}

const PHASE_RANK: Readonly<Record<string, number>> = { Pending: 0, Unknown: 1, Running: 2 };

/**
 * Order in which a ReplicaSet gives up pods, first one first: not assigned, not running, not ready, cheaper, on a crowded
 * node, ready for a shorter time, restarted more often, younger (pkg/controller ActivePodsWithRanks).
 */
export function deletionOrder(pods: readonly KubeObject[]): KubeObject[] {
  const perNode = new Map<string, number>();
  for (const pod of pods.filter(isReady)) perNode.set(nodeOf(pod), (perNode.get(nodeOf(pod)) ?? 0) + 1);
  const rank = (pod: KubeObject): number[] => [
    nodeOf(pod) === '' ? 0 : 1,
    PHASE_RANK[podStatus(pod).phase ?? 'Pending'] ?? 1,
    isReady(pod) ? 1 : 0,
    Number(pod.metadata.annotations?.['controller.kubernetes.io/pod-deletion-cost'] ?? 0),
    -(perNode.get(nodeOf(pod)) ?? 0),
    -(readySince(pod) ?? 0),
    -restarts(pod),
    -Date.parse(pod.metadata.creationTimestamp ?? ''),
  ];
  const ranked = pods.map((pod) => ({ pod, rank: rank(pod) }));
  return ranked.sort((a, b) => compareRanks(a.rank, b.rank)).map(({ pod }) => pod);
}

function compareRanks(a: readonly number[], b: readonly number[]): number {
  for (const [index, value] of a.entries()) {
    const difference = value - (b[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}
