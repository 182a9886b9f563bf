import type { LintSystem } from '../lint/system.ts';
import { object, objects } from '../mesh/config-read.ts';
import type { KubeObject } from '../model/kubernetes.ts';
import type { StarterAim } from '../model/starter-aim.ts';
import type { LivePod } from '../predict/live-system.ts';

/** What a first fault must know of the pods of a service in one zone. */
export function aimAt({ beside }: LintSystem, pods: readonly [LivePod, ...LivePod[]]): StarterAim {
  const [{ cluster, namespace, workload, locality }] = pods;
  const own = beside.find((one) => one.cluster === cluster)?.deployments ?? [];
  const deployment = own.find(({ metadata }) => metadata.namespace === namespace && metadata.name === workload);
  const aim = { cluster, namespace, zone: locality.zone, labels: sharedLabels(pods) };
  const [container] = deployment === undefined ? [] : containersOf(deployment);
  if (deployment === undefined || pods.some((pod) => pod.workload !== workload)) return aim;
  const canBeReplaced = isWhole(deployment, pods) && !isProbed(deployment);
  return { ...aim, deployment: { name: workload, container: String(container?.name ?? ''), canBeReplaced } };
}

function isWhole({ spec }: KubeObject, pods: readonly LivePod[]): boolean {
  return (object(spec).replicas ?? 1) === pods.length;
}

function containersOf({ spec }: KubeObject): ReturnType<typeof objects> {
  return objects(object(object(object(spec).template).spec).containers);
}

function isProbed(deployment: KubeObject): boolean {
  return containersOf(deployment).some(({ readinessProbe, startupProbe }) => {
    return readinessProbe !== undefined || startupProbe !== undefined;
  });
}

/** Labels that Kubernetes and Istio set by themselves, or that tell replicas apart. */
const NOT_OWN =
  /^(?:topology\.|(?:rollouts-)?pod-template-hash$|controller-|(?:statefulset|batch)\.kubernetes\.io\/|apps\.kubernetes\.io\/|service\.istio\.io\/|security\.istio\.io\/)/;

function sharedLabels(pods: readonly [LivePod, ...LivePod[]]): Record<string, string> {
  const [first, ...others] = pods;
  const shared = Object.entries(first.labels).filter(
    ([key, value]) => !NOT_OWN.test(key) && others.every(({ labels }) => labels[key] === value),
  );
  return Object.fromEntries(shared);
}
