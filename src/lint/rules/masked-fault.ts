import { object } from '../../mesh/config-read.ts';
import type { KubeObject } from '../../model/kubernetes.ts';
import { probeOf, templateContainers } from '../../model/pod-object.ts';
import { rolloutOf } from '../../predict/rollout-plan.ts';
import { replaced } from '../faulted.ts';
import { type LintRule, objectIn } from '../finding.ts';

/** Kubernetes: a rolling update takes no old pod away before a new one is ready, as far as maxUnavailable allows. */
export const maskedFault: LintRule = {
  id: 'masked-fault',
  severity: 'warning',
  title: 'a probe keeps the swapped image from ever serving',
  why: 'A rolling update waits for the new pod to be ready before the old one goes, within maxUnavailable (25 %, rounded down): a pod that fails its readiness or startup probe never takes over, and nothing breaks; a StatefulSet stops at its first pod (Kubernetes rolling update; `docs/faults.md`).',
  change:
    'Use a fault that kills its pods or drops their packets, or an image that passes the probe and fails the requests.',
  needs: ['workloads'],
  check: (system) =>
    replaced(system)
      .filter(({ object: workload }) => keepsOld(workload))
      .flatMap(({ fault, move, object: workload }) => {
        const probe = probeBefore(workload, move.container);
        if (probe === undefined) return [];
        return {
          object: objectIn(move.cluster, workload),
          field: `spec.template.spec.containers[].${probe}Probe`,
          what: `${fault} swaps an image behind a ${probe} probe: where the new pod fails it, old pods stay and serve.`,
          change: 'Use a fault that kills its pods or drops their packets, or an image that passes the probe.',
        };
      }),
};

/** The probe of the container that the fault swaps. */
function probeBefore(workload: KubeObject, container: string | undefined): ReturnType<typeof probeOf> {
  const containers = templateContainers(workload);
  const own = containers.find(({ name }) => name === container) ?? containers[0];
  return own && probeOf(own);
}

/** Whether old pods stay while no new one is ready. */
function keepsOld(workload: KubeObject): boolean {
  const plan = rolloutOf(workload, undefined);
  if ('unknown' in plan) return object(object(object(workload.spec).strategy)).blueGreen !== undefined;
  if (plan.kind === 'surging') return plan.unavailable < plan.replicas;
  const { replicas } = object(workload.spec);
  const { desiredNumberScheduled } = object(workload.status);
  const count = workload.kind === 'DaemonSet' ? desiredNumberScheduled : (replicas ?? 1);
  return Number(count ?? 0) - (plan.from ?? 0) > plan.atOnce;
}
