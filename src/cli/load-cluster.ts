import { openCluster } from '../kube/kubeconfig.ts';
import { k6OperatorEngine, type ScriptFiles } from '../load/index.ts';
import { FaultlineError } from '../model/errors.ts';
import { KINDS, type KubeKind, LOAD_LABEL } from '../model/kubernetes.ts';
import type { LoadEngine, PodCluster } from '../model/ports.ts';
import type { LoadCluster, Target } from '../model/target.ts';
import { systemClock } from '../run/system-clock.ts';

/** Opens the cluster that load is sent from. Throws FaultlineError where its kubeconfig or context is not there. */
export function openLoadCluster(where: LoadCluster): PodCluster {
  return openCluster({ ...where, name: `load (${where.context})`, region: '', gateways: [] }, systemClock);
}

/** The engine that sends from pods of the target's load cluster. Throws FaultlineError LOAD where the target has none. */
export function engineFromPods(target: Target, run: { script: ScriptFiles | undefined; runId: string }): LoadEngine {
  const where = target.loadCluster;
  if (where === undefined) {
    const message = `The scenario asks for load from pods, and target ${target.name} has no loadCluster.`;
    throw new FaultlineError('LOAD', message, {
      hint: 'Add spec.loadCluster to the targets file: kubeconfig, context and namespace of a cluster with the k6-operator.',
    });
  }
  const { script, runId } = run;
  const cluster = openLoadCluster(where);
  return k6OperatorEngine({ cluster, where, runId, ...(script === undefined ? {} : { script }) });
}

/** What the engine does there: verb, kind and subresource. */
const NEEDS: readonly (readonly [string, KubeKind & { subresource?: string }])[] = [
  ['create', KINDS.testRun],
  ['get', KINDS.testRun],
  ['list', KINDS.testRun],
  ['delete', KINDS.testRun],
  ['create', KINDS.configMap],
  ['patch', KINDS.configMap],
  ['list', KINDS.configMap],
  ['delete', KINDS.configMap],
  ['list', KINDS.pod],
  ['get', { ...KINDS.pod, subresource: 'log' }],
  ['get', { ...KINDS.pod, subresource: 'proxy' }],
  ['patch', { ...KINDS.pod, subresource: 'proxy' }],
];

/** What the API server of the load cluster would not allow, in words. Rejects when it cannot be asked. */
export async function missingPermissions(cluster: PodCluster, namespace: string): Promise<string[]> {
  const answers = await Promise.all(
    NEEDS.map(async ([verb, kind]) => ((await cluster.can(verb, kind, namespace)) ? [] : [`${verb} ${nameOf(kind)}`])),
  );
  return answers.flat();
}

function nameOf({ kind, subresource }: KubeKind & { subresource?: string }): string {
  return subresource === undefined ? kind : `${kind}/${subresource}`;
}

/** Ends load that a run has left there, of one run or of all; resolves with what it deleted. */
export async function endLoad(where: LoadCluster, runId: string | undefined): Promise<string[]> {
  const cluster = openLoadCluster(where);
  const { namespace } = where;
  const labelSelector = runId === undefined ? LOAD_LABEL : `${LOAD_LABEL}=${runId}`;
  const deleted: string[] = [];
  for (const kind of [KINDS.testRun, KINDS.configMap]) {
    for (const { metadata } of await cluster.list(kind, { namespace, labelSelector })) {
      await cluster.delete({ ...kind, namespace, name: metadata.name ?? '' });
      deleted.push(`${kind.kind} ${namespace}/${metadata.name}`);
    }
  }
  return deleted;
}
