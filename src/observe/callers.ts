import { isServing } from '../model/conditions.ts';
import type { KubeObject } from '../model/kubernetes.ts';
import { inAmbient, isWaypoint } from '../workload/ambient.ts';
import { hasSidecar } from '../workload/sidecars.ts';

/** A calling proxy: a sidecar, or a gateway. */
export type Caller = {
  /** The same for one pod as long as it lives; another pod of the same name has another. */
  readonly id: string;
  readonly namespace: string;
  readonly pod: string;
  readonly zone: string;
};

/** Every calling proxy that is known, gateways first, and in words the places where more may be that nobody knows. */
export type Callers = { readonly known: readonly Caller[]; readonly unknown: readonly string[] };

/** Pods of one place, and who of them calls. Undefined: they could not be listed. */
type Place = {
  readonly what: string;
  readonly pods: readonly KubeObject[] | undefined;
  /** Pods of a gateway are proxies; elsewhere only pods with a sidecar are. */
  readonly gateway: boolean;
};

/**
 * The calling proxies of some places: ready pods that have one. A place that cannot be listed counts as a caller that
 * is not known, and so does a gateway without any ready pod, which would be missed as quietly if its labels were wrong.
 */
export function callersIn(places: readonly Place[], zoneOf: (pod: KubeObject) => string): Callers {
  const known = new Map<string, Caller>();
  const unknown: string[] = [];
  for (const { what, pods, gateway } of [...places].sort((a, b) => Number(b.gateway) - Number(a.gateway))) {
    const ready = pods?.filter(isServing);
    const calling = ready?.filter((pod) => gateway || (hasSidecar(pod) && !isWaypoint(pod)));
    if (calling === undefined) unknown.push(`${what}: they cannot be listed`);
    else if (gateway && calling.length === 0) unknown.push(`${what}: none is ready`);
    unknown.push(...ambientText(what, ready ?? []));
    for (const pod of calling ?? []) {
      const { namespace = '', name = '', uid = `${namespace}/${name}` } = pod.metadata;
      if (!known.has(uid)) known.set(uid, { id: uid, namespace, pod: name, zone: zoneOf(pod) });
    }
  }
  return { known: [...known.values()], unknown };
}

/** What of a place calls without a proxy that tells whom (Istio's ambient mode). */
function ambientText(what: string, ready: readonly KubeObject[]): string[] {
  return [
    ...(ready.some(inAmbient) ? [`${what}: in ambient mode ztunnel calls for them, and tells no host`] : []),
    ...(ready.some(isWaypoint) ? [`${what}: what waypoints call is not read`] : []),
  ];
}
