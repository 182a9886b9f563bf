import { DEAD_MAN_LABEL, KINDS, type KubeObject } from '../../model/kubernetes.ts';
import type { DeadMan } from '../../model/target.ts';
import type { Millis } from '../../model/units.ts';

/** How long it goes on trying after its deadline: an API server that is down for a night is back by then. */
const TRIES_S = 86_400;
/** How long a Job that has ended stays for people to look at, where its owner has not gone. */
const SHOWN_S = 600;
/** Where its program says that it is armed; each container has it for itself. */
const ARMED = { folder: '/armed', file: '/armed/armed' };

/** The dead-man of one cluster for one run. */
export type DeadManOrder = {
  readonly runId: string;
  /** The cluster's name in the plans. */
  readonly cluster: string;
  /** Of the lease and the plans, and of the Job. */
  readonly namespace: string;
  /** Where it may undo, whatever the plans in the cluster say by then: where the faults of the run act. */
  readonly namespaces: readonly string[];
  /**
   * The digests of the plans that the run has made: those that it reads when it is armed are believed as a journal of its own is, whatever becomes of them
   * and of the marks. What a Job's pods are told nobody can change, and who may write ConfigMaps alone makes none up. None where it was started by hand.
   */
  readonly digests: readonly string[];
  /** When it takes the lease from a run that still renews it, counted from its own start. */
  readonly afterMs: Millis;
};

/** Name of the Job of a run's dead-man. */
export function deadManName(runId: string): string {
  return `faultline-dead-man-${runId}`;
}

/**
 * The Job of a dead-man. It is owned by the plans of its run (`plans`, as the API server has stored them), so that the
 * garbage collector takes it away with them, whoever has undone the faults. It keeps to the Pod Security Standard
 * "restricted" and has no sidecar: one would keep it from ending, and would be hit by faults of the mesh.
 */
export function deadManJob(order: DeadManOrder, { image, serviceAccount }: DeadMan, plans: KubeObject): KubeObject {
  const { runId, cluster, namespace, namespaces, digests, afterMs } = order;
  const labels = { 'app.kubernetes.io/managed-by': 'faultline', [DEAD_MAN_LABEL]: runId };
  const { name = '', uid = '' } = plans.metadata;
  const afterS = Math.ceil(afterMs / 1000);
  const args = [
    'dead-man',
    '--run',
    runId,
    '--cluster',
    cluster,
    '--lock-namespace',
    namespace,
    '--namespaces',
    namespaces.join(','),
    '--plans',
    digests.join(','),
  ];
  return {
    ...KINDS.job,
    metadata: {
      name: deadManName(runId),
      namespace,
      labels,
      ownerReferences: [{ ...KINDS.configMap, name, uid, blockOwnerDeletion: false }],
    },
    spec: {
      activeDeadlineSeconds: afterS + TRIES_S,
      ttlSecondsAfterFinished: SHOWN_S,
      // A container that fails is started again, five minutes later at the most: this ends with the deadline only.
      backoffLimit: TRIES_S / 60,
      template: {
        metadata: { labels: { ...labels, 'sidecar.istio.io/inject': 'false' } },
        spec: {
          serviceAccountName: serviceAccount,
          automountServiceAccountToken: true,
          restartPolicy: 'OnFailure',
          terminationGracePeriodSeconds: 60,
          securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
          containers: [
            {
              name: 'dead-man',
              image,
              args: [...args, '--after', String(afterS), '--armed', ARMED.file],
              readinessProbe: { exec: { command: ['cat', ARMED.file] }, periodSeconds: 1, timeoutSeconds: 5 },
              terminationMessagePolicy: 'FallbackToLogsOnError',
              resources: { requests: { cpu: '50m', memory: '128Mi' }, limits: { memory: '256Mi' } },
              securityContext: {
                allowPrivilegeEscalation: false,
                readOnlyRootFilesystem: true,
                capabilities: { drop: ['ALL'] },
              },
              volumeMounts: [{ name: 'armed', mountPath: ARMED.folder }],
            },
          ],
          volumes: [{ name: 'armed', emptyDir: {} }],
        },
      },
    },
  };
}
