import { openCluster } from '../kube/kubeconfig.ts';
import { k6OperatorEngine, type ScriptFiles } from '../load/index.ts';
import { FaultlineError } from '../model/errors.ts';
import type { LoadEngine } from '../model/ports.ts';
import type { Target } from '../model/target.ts';
import { systemClock } from '../run/system-clock.ts';

/** The engine that sends from pods of the target's load cluster. Throws FaultlineError LOAD where the target has none. */
export function openLoadCluster(target: Target, run: { script: ScriptFiles | undefined; runId: string }): LoadEngine {
  const where = target.loadCluster;
  if (where === undefined) {
    throw new FaultlineError(
      'LOAD',
      `The scenario asks for load from pods, and target ${target.name} has no loadCluster.`,
      {
        hint: 'Add spec.loadCluster to the targets file: kubeconfig, context and namespace of a cluster with the k6-operator.',
      },
    );
  }
  const cluster = openCluster({ ...where, name: `load (${where.context})`, region: '', gateways: [] }, systemClock);
  const { script, runId } = run;
  return k6OperatorEngine({ cluster, where, runId, ...(script === undefined ? {} : { script }) });
}
