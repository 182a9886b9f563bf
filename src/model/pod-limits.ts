import type { KubeObject } from './kubernetes.ts';

/** What pods are limited in. */
export type Resource = 'cpu' | 'memory';

type Limits = { readonly limits?: { readonly [resource: string]: string | number } };
type Container = { readonly restartPolicy?: string; readonly resources?: Limits };
type PodSpec = {
  readonly resources?: Limits;
  readonly containers?: readonly Container[];
  readonly initContainers?: readonly Container[];
};

/**
 * What a pod as a whole may use, in cores or bytes: its own limit, else the sum of its containers' where each has one; only
 * then does the kubelet limit the pod, and with it what comes into it later (Kubernetes: pod-level cgroups). Undefined where it
 * has none.
 */
export function limitOf({ spec }: KubeObject, resource: Resource): number | undefined {
  const { resources, containers = [], initContainers = [] } = (spec ?? {}) as PodSpec;
  const own = resources?.limits?.[resource];
  if (own !== undefined) return amountOf(own);
  const sidecars = initContainers.filter(({ restartPolicy }) => restartPolicy === 'Always');
  const amounts = [...containers, ...sidecars].map((container) => container.resources?.limits?.[resource]);
  if (amounts.length === 0 || amounts.some((amount) => amount === undefined)) return undefined;
  return amounts.reduce<number>((sum, amount) => sum + (amountOf(amount ?? '') ?? Number.NaN), 0);
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
