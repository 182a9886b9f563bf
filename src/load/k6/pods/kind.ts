import type { Check, EngineKind, EnginePorts, EngineRequest, OpenEngine } from '../../../model/engine.ts';
import { FaultlineError, messageOf } from '../../../model/errors.ts';
import type { Load } from '../../../model/scenario.ts';
import type { Target } from '../../../model/target.ts';
import { refuseTls } from '../config/gateway-tls.ts';
import { OF_PODS, refuseFeatures } from '../config/refusals.ts';
import { CA_FILE, CONFIG, ENTRY } from '../config/staged-names.ts';
import { listLoaded } from '../list-loaded.ts';
import { OWN_CLIENT } from '../own-client.ts';
import { missingPermissions } from './permissions.ts';

/** k6 in pods of the target's load cluster, by the k6-operator. */
export const podsK6Kind: EngineKind = {
  name: 'k6-operator',
  doc: "sends from pods of the target's load cluster by the k6-operator",
  // The k6 of this machine loads it as those of the pods will.
  script: { freshOnly: OWN_CLIENT, layout: 'flat', taken: [ENTRY, CONFIG, CA_FILE], list: listLoaded() },
  dashboard: false,
  refuses: OF_PODS,
  freshOnly: OWN_CLIENT,
  open,
  describe,
  doctor,
};

async function open({ load, target, runId, script, ports }: EngineRequest): Promise<OpenEngine> {
  const where = target.loadCluster;
  if (where === undefined) {
    const message = `The scenario asks for load from pods, and target ${target.name} has no loadCluster.`;
    throw new FaultlineError('LOAD', message, {
      hint: 'Add spec.loadCluster to the targets file: kubeconfig, context and namespace of a cluster with the k6-operator.',
    });
  }
  refuseFeatures(load, 'k6-operator', OF_PODS);
  refuseTls(target, 'k6-operator', { keys: false });
  const cluster = ports.openCluster(where);
  const { k6OperatorEngine } = await import('./engine.ts');
  const engine = k6OperatorEngine({ cluster, where, runId, ...(script === undefined ? {} : { script }) });
  return { engine, words: 'k6 from pods of the load cluster' };
}

function describe({ script }: Pick<Load, 'script'>, { loadCluster }: Target): string[] {
  if (loadCluster === undefined) return ['  sent from pods: REFUSED, the target has no loadCluster'];
  const { pods, image, context, namespace } = loadCluster;
  const words = script === undefined ? '' : `, with the script ${script}`;
  return [
    `  sent by k6 from ${pods} pods (${image}) of cluster ${context}${words}`,
    `    creates a TestRun and a ConfigMap in ${namespace}, and deletes both at the end`,
  ];
}

async function doctor(target: Target | undefined, { openCluster }: EnginePorts): Promise<Check[]> {
  const where = target?.loadCluster;
  if (where === undefined) return [];
  const what = `load cluster ${where.context}`;
  try {
    const cluster = openCluster(where);
    const { server } = await cluster.identity();
    const missing = await missingPermissions(cluster, where.namespace);
    if (missing.length === 0)
      return [{ what, ok: true, detail: `${server}, has the CRD TestRun, namespace ${where.namespace}` }];
    return [{ what, ok: false, detail: `not allowed in namespace ${where.namespace}: ${missing.join(', ')}` }];
  } catch (error) {
    const fix = 'Install the k6-operator there (its CRD TestRun), or correct loadCluster in the targets file.';
    return [{ what, ok: false, detail: messageOf(error), fix }];
  }
}
