import type { LintSystem } from '../lint/system.ts';
import { object } from '../mesh/config-read.ts';
import type { KubeObject } from '../model/kubernetes.ts';
import { probeOf, templateContainers } from '../model/pod-object.ts';
import type { StarterAim } from '../model/starter-aim.ts';
import type { LivePod } from '../predict/live-system.ts';

/** What a first fault must know of the pods of a service in one zone. */
export function aimAt({ beside }: LintSystem, pods: readonly [LivePod, ...LivePod[]]): StarterAim {
  const [{ cluster, namespace, workload, locality }] = pods;
  const own = beside.find((one) => one.cluster === cluster)?.deployments ?? [];
  const deployment = own.find(({ metadata }) => metadata.namespace === namespace && metadata.name === workload);
  const aim = { cluster, namespace, zone: locality.zone, labels: sharedLabels(pods) };
  const [container] = deployment === undefined ? [] : templateContainers(deployment);
  if (deployment === undefined || pods.some((pod) => pod.workload !== workload)) return aim;
  const canBeReplaced = isWhole(deployment, pods) && !isProbed(deployment);
  return { ...aim, deployment: { name: workload, container: container?.name ?? '', canBeReplaced } };
}

function isWhole({ spec }: KubeObject, pods: readonly LivePod[]): boolean {
  return (object(spec).replicas ?? 1) === pods.length;
}

function isProbed(deployment: KubeObject): boolean {
  return templateContainers(deployment).some((one) => probeOf(one) !== undefined);
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
