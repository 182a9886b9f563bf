import { number, object } from '../../mesh/config-read.ts';
import { gitopsOwner as ownerOf } from '../../model/gitops.ts';
import type { KubeObject } from '../../model/kubernetes.ts';
import { isSelected, type LabelSelector } from '../../model/label-selector.ts';
import { replaced } from '../faulted.ts';
import { type LintRule, objectIn } from '../finding.ts';
import type { LintSystem } from '../system.ts';

/** Argo CD tracking annotations and labels; Flux's kustomize and helm controllers label what they apply. */
export const gitopsOwner: LintRule = {
  id: 'gitops-owner',
  severity: 'warning',
  title: 'GitOps owns a workload that a fault changes',
  why: 'A controller that heals puts the swapped image back while the fault is on, and the run cannot tell what it measured (Argo CD selfHeal, Flux reconciliation).',
  change: 'Suspend the reconciliation of this object for the drill.',
  needs: ['workloads'],
  check: (system) =>
    replaced(system).flatMap(({ fault, move, object: workload }) => {
      const owner = ownerOf(workload);
      if (owner === undefined) return [];
      return {
        object: objectIn(move.cluster, workload),
        field: 'metadata',
        what: `${fault} changes a ${workload.kind} that GitOps manages (${owner}): it may be put back during the fault.`,
        change: 'argocd app set <app> --self-heal=false, or flux suspend kustomization <name>, for the drill.',
      };
    }),
};

/** Kubernetes: the HorizontalPodAutoscaler writes spec.replicas of what it scales. */
export const autoscaled: LintRule = {
  id: 'autoscaled',
  severity: 'warning',
  title: 'an autoscaler scales a workload that a fault changes',
  why: 'While the fault is on, the autoscaler sees load that went elsewhere or pods that do nothing and changes the number of pods, and with it every share and limit that a run judges (Kubernetes HorizontalPodAutoscaler).',
  change: 'Set minReplicas and maxReplicas alike for the drill.',
  needs: ['workloads'],
  check: (system) =>
    replaced(system).flatMap(({ move: { cluster }, object: workload }) => {
      const scaler = besideOf(system, cluster)?.autoscalers.find((one) => scales(one, workload));
      if (scaler === undefined) return [];
      return {
        object: objectIn(cluster, scaler),
        field: 'spec.maxReplicas',
        what: `It scales ${workload.kind} ${workload.metadata.namespace}/${workload.metadata.name}, which a fault changes.`,
        change: 'Set minReplicas and maxReplicas to the same number for the drill.',
      };
    }),
};

function scales({ spec, metadata }: KubeObject, workload: KubeObject): boolean {
  const { scaleTargetRef, minReplicas, maxReplicas } = object(spec);
  const { kind, name } = object(scaleTargetRef);
  const fixed = minReplicas !== undefined && minReplicas === maxReplicas;
  return (
    !fixed &&
    kind === workload.kind &&
    name === workload.metadata.name &&
    metadata.namespace === workload.metadata.namespace
  );
}

/** Kubernetes: the eviction API asks budgets; a deletion does not. */
export const blockingBudget: LintRule = {
  id: 'blocking-budget',
  severity: 'info',
  title: 'a PodDisruptionBudget allows no eviction',
  why: 'A budget without a disruption to spare stops kubectl drain and every other eviction, and with them an orderly way out of a failing zone; a fault that deletes pods asks no budget (Kubernetes eviction API).',
  change: 'Run one pod more than the budget asks for, or ask for less.',
  needs: ['workloads'],
  check: ({ beside, live, chain }) =>
    beside.flatMap(({ cluster, budgets }) =>
      budgets.flatMap((budget) => {
        const { disruptionsAllowed, expectedPods } = object(budget.status);
        const { selector } = (budget.spec ?? {}) as { readonly selector?: LabelSelector };
        const pods = live.pods.filter(
          (pod) =>
            pod.cluster === cluster &&
            pod.namespace === budget.metadata.namespace &&
            (chain === undefined || pod.services.some(({ service }) => chain.services.has(service))) &&
            selector !== undefined &&
            isSelected(selector, pod.labels),
        );
        const blocks = number(disruptionsAllowed) === 0 && (number(expectedPods) ?? 0) > 0;
        if (!blocks || pods.length === 0) return [];
        return {
          object: objectIn(cluster, budget),
          field: 'spec',
          what: `It allows no eviction of ${[...new Set(pods.map(({ workload }) => workload))].sort().join(', ')}.`,
          change: 'Raise replicas, or lower minAvailable.',
        };
      }),
    ),
};

function besideOf({ beside }: LintSystem, cluster: string) {
  return beside.find((one) => one.cluster === cluster);
}
