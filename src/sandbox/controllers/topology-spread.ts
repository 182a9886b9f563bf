import { KINDS, type KubeObject } from '../../model/kubernetes.ts';
import { isSelected, type LabelSelector } from '../../model/label-selector.ts';
import type { Labels } from '../../model/labels.ts';
import { isEnded, nodeOf } from '../../model/pod-object.ts';
import { at, type JsonMap, listOf, mapsOf, numberOf, stringOf } from '../api/json.ts';
import type { ObjectStore } from '../api/store.ts';

/** One constraint of a pod, counted: how many of its like stand in each domain. */
type Spread = {
  readonly key: string;
  readonly maxSkew: number;
  readonly hard: boolean;
  readonly counts: ReadonlyMap<string, number>;
  /** The fewest in any domain; 0 while there are fewer domains than `minDomains` asks for. */
  readonly fewest: number;
  /** 1 where the pod counts towards its own constraint. */
  readonly self: number;
};

/**
 * The topology spread constraints of a pod over the nodes that its selectors allow (Kubernetes PodTopologySpread:
 * nodeAffinityPolicy Honor, nodeTaintsPolicy Ignore, pods that are being deleted do not count).
 */
export function spreadsOf(pod: KubeObject, allowed: readonly KubeObject[], store: ObjectStore): Spread[] {
  return mapsOf(at(pod, 'spec', 'topologySpreadConstraints')).map((one) => spreadOf(one, pod, allowed, store));
}

function spreadOf(constraint: JsonMap, pod: KubeObject, allowed: readonly KubeObject[], store: ObjectStore): Spread {
  const key = stringOf(constraint.topologyKey);
  const labels = pod.metadata.labels ?? {};
  const selector = constraint.labelSelector as LabelSelector | undefined;
  const keys = listOf(constraint.matchLabelKeys).map((one) => stringOf(one));
  const isLike = (other: Labels) =>
    isSelected(selector, other) && keys.every((name) => labels[name] === undefined || other[name] === labels[name]);
  const domains = new Map<string, string>();
  for (const { metadata } of allowed) {
    const domain = metadata.labels?.[key];
    if (domain !== undefined) domains.set(metadata.name ?? '', domain);
  }
  const counts = new Map([...domains.values()].map((domain) => [domain, 0]));
  for (const other of store.list(KINDS.pod, pod.metadata.namespace)) {
    const domain = domains.get(nodeOf(other));
    if (domain === undefined || isEnded(other) || other.metadata.deletionTimestamp !== undefined) continue;
    if (isLike(other.metadata.labels ?? {})) counts.set(domain, (counts.get(domain) ?? 0) + 1);
  }
  return {
    key,
    maxSkew: numberOf(constraint.maxSkew, 1),
    hard: constraint.whenUnsatisfiable === 'DoNotSchedule',
    counts,
    fewest: counts.size < numberOf(constraint.minDomains, 1) ? 0 : Math.min(...counts.values()),
    self: isLike(labels) ? 1 : 0,
  };
}

/** Why a pod may not go to a node, in the scheduler's words; undefined where its constraints let it. */
export function spreadMisfit(spreads: readonly Spread[], node: KubeObject): string | undefined {
  for (const { key, maxSkew, hard, counts, fewest, self } of spreads) {
    if (!hard) continue;
    const count = counts.get(node.metadata.labels?.[key] ?? '');
    if (count === undefined) return "node(s) didn't match pod topology spread constraints (missing required label)";
    if (count + self - fewest > maxSkew) return "node(s) didn't match pod topology spread constraints";
  }
  return undefined;
}

/** How many of its like a pod would meet by the constraints that only prefer; the fewer the better. */
export function crowding(spreads: readonly Spread[], node: KubeObject): number {
  const counts = spreads
    .filter(({ hard }) => !hard)
    .map((one) => one.counts.get(node.metadata.labels?.[one.key] ?? ''));
  return counts.reduce<number>((sum, count) => sum + (count ?? Number.MAX_SAFE_INTEGER), 0);
}
