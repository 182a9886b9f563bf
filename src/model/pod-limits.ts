import type { KubeObject } from './kubernetes.ts';
import { podSpec, type Resources } from './pod-object.ts';

/** What pods are limited in. */
export type Resource = 'cpu' | 'memory';

/**
 * What a pod as a whole may use, in cores or bytes: its own limit, else the most that its containers may use at a time, where
 * each has a limit, those of its start included; only then does the kubelet limit the pod, and with it what comes into it later
 * (Kubernetes: pkg/kubelet/cm ResourceConfigForPod, resource.PodLimits). Undefined where it has none.
 */
export function limitOf(pod: KubeObject, resource: Resource): number | undefined {
  const { resources, containers = [], initContainers = [] } = podSpec(pod);
  const limitIn = (limits: Resources | undefined): number | undefined =>
    amountOf(limits?.limits?.[resource] ?? '') || undefined;
  const own = limitIn(resources);
  if (own !== undefined) return own;
  const all = [...initContainers, ...containers].map((container) => limitIn(container.resources));
  if (containers.length === 0 || all.some((amount) => amount === undefined)) return undefined;
  let [beside, most] = [0, 0];
  for (const { restartPolicy, resources: asked } of initContainers) {
    const amount = limitIn(asked) ?? 0;
    if (restartPolicy === 'Always') beside += amount;
    else most = Math.max(most, beside + amount);
  }
  return Math.max(
    most,
    containers.reduce((sum, container) => sum + (limitIn(container.resources) ?? 0), beside),
  );
}

const SUFFIXES: Readonly<Record<string, number>> = {
  ...{ '': 1, m: 1e-3, k: 1e3, M: 1e6, G: 1e9, T: 1e12 },
  ...{ Ki: 2 ** 10, Mi: 2 ** 20, Gi: 2 ** 30, Ti: 2 ** 40 },
};

/** A Kubernetes quantity as a number; undefined where it is none. */
export function amountOf(quantity: string | number): number | undefined {
  const [, digits, suffix = ''] = /^(\d+(?:\.\d+)?)(m|k|[MGT]|[KMGT]i)?$/.exec(String(quantity)) ?? [];
  const unit = SUFFIXES[suffix];
  return digits === undefined || unit === undefined ? undefined : Number(digits) * unit;
}
