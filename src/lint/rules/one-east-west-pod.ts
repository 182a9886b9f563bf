import { object } from '../../mesh/config-read.ts';
import type { KubeObject } from '../../model/kubernetes.ts';
import { serviceSelects } from '../../model/label-selector.ts';
import type { Labels } from '../../model/labels.ts';
import { type Found, type LintRule, objectIn } from '../finding.ts';
import type { Beside, LintSystem } from '../system.ts';

/** Kubernetes: a Service without a ready endpoint refuses, or drops; Istio goes on giving its address to proxies. */
export const oneEastWestPod: LintRule = {
  id: 'one-east-west-pod',
  severity: 'warning',
  title: 'one pod is the way into a network',
  why: 'Every call from another network goes through a pod of the east-west gateway, and connections that it has passed on end with it. While the one pod is replaced or its node is lost nothing of the network is reached, and istiod goes on giving out the address (Istio `serviceregistry/kube/controller/network.go`).',
  change: 'Run two replicas or more in different zones, with a PodDisruptionBudget.',
  needs: ['workloads'],
  check: ({ live, beside }: LintSystem) =>
    live.clusters.flatMap(({ name, eastWest }) => {
      const own = beside.find(({ cluster }) => cluster === name);
      return own === undefined ? [] : eastWest.flatMap((service) => foundIn(own, service));
    }),
};

function foundIn({ cluster, deployments, autoscalers }: Beside, service: KubeObject): Found[] {
  const behind = deployments.filter((deployment) => serviceSelects(service, podsMetadata(deployment)));
  const [only] = behind;
  const scaler = autoscalers.find(({ spec }) => object(object(spec).scaleTargetRef).name === only?.metadata.name);
  if (only === undefined || behind.length > 1 || fewest(only, scaler) !== 1) return [];
  return [
    {
      object: objectIn(cluster, scaler ?? only),
      field: scaler === undefined ? 'spec.replicas' : 'spec.minReplicas',
      what: `One pod takes every call into cluster ${cluster} from other networks.`,
      change: 'Run two replicas or more in different zones.',
    },
  ];
}

function fewest({ spec }: KubeObject, scaler: KubeObject | undefined): unknown {
  return (scaler === undefined ? object(spec).replicas : object(scaler.spec).minReplicas) ?? 1;
}

/** What the pods of a workload are known by. */
function podsMetadata({ metadata, spec }: KubeObject) {
  const labels = object(object(object(object(spec).template).metadata).labels) as Labels;
  return { namespace: metadata.namespace, labels };
}
