import { object, objects } from '../../mesh/config-read.ts';
import type { KubeObject } from '../../model/kubernetes.ts';
import { replaced } from '../faulted.ts';
import { type LintRule, objectIn } from '../finding.ts';

/** Kubernetes: a rolling update takes no old pod away before a new one is ready, as far as maxUnavailable allows. */
export const maskedFault: LintRule = {
  id: 'masked-fault',
  severity: 'warning',
  title: 'a readiness probe keeps the swapped image from ever serving',
  why: 'A rolling update waits for the new pod to be ready before the old one goes, within maxUnavailable (25 %, rounded down): a pod that fails its readiness probe never takes over, and nothing breaks (Kubernetes Deployment rolling update; `docs/faults.md`).',
  change:
    'Use a fault that kills its pods or drops their packets, or an image that passes the probe and fails the requests.',
  needs: ['workloads'],
  check: (system) =>
    replaced(system)
      .filter(({ deployment, move }) => isProbed(deployment, move.container) && keepsOld(deployment))
      .map(({ fault, move, deployment }) => ({
        object: objectIn(move.cluster, deployment),
        field: 'spec.template.spec.containers[].readinessProbe',
        what: `${fault} swaps an image behind a readiness probe: where the new pod fails it, old pods stay and serve.`,
        change: 'Use a fault that kills its pods or drops their packets, or an image that passes the probe.',
      })),
};

function isProbed({ spec }: KubeObject, container: unknown): boolean {
  const containers = objects(object(object(object(spec).template).spec).containers);
  const own = containers.find(({ name }) => name === container) ?? containers[0];
  return own?.readinessProbe !== undefined;
}

function keepsOld({ spec }: KubeObject): boolean {
  const { strategy, replicas } = object(spec);
  const { type = 'RollingUpdate', rollingUpdate } = object(strategy);
  const wanted = typeof replicas === 'number' ? replicas : 1;
  const { maxUnavailable = '25%' } = object(rollingUpdate);
  const share = String(maxUnavailable);
  const gone = share.endsWith('%') ? Math.floor((Number.parseFloat(share) / 100) * wanted) : Number(share);
  return type === 'RollingUpdate' && gone < wanted;
}
