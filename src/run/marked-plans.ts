import { plansOn, wholePlan } from '../faults/marked-plans.ts';
import type { FaultKind, FaultPlan } from '../model/fault.ts';
import { RUN_LABEL } from '../model/kubernetes.ts';
import type { Cluster } from '../model/ports.ts';

/**
 * The plans of which something is left in these namespaces, as the marked objects themselves tell them, each once: what
 * an undo works from where no journal is left. Of every run, or of one.
 */
export async function findMarkedPlans(
  cluster: Cluster,
  namespaces: readonly string[],
  kinds: readonly FaultKind[],
  runId: string | undefined,
): Promise<FaultPlan[]> {
  const marks = kinds.flatMap((kind) => kind.marks);
  const searches = namespaces.flatMap((namespace) =>
    [...Map.groupBy(marks, ({ resource }) => resource).values()].map(async ([first, ...more]) => {
      if (first === undefined) return [];
      const same = [first, ...more];
      const isLabelled = same.every(({ inside }) => inside === undefined);
      const objects = await cluster.list(first.kind, {
        namespace,
        ...(isLabelled ? { labelSelector: RUN_LABEL } : {}),
      });
      return objects
        .filter(({ metadata }) => metadata.deletionTimestamp === undefined)
        .flatMap((object) => same.flatMap((mark) => plansOn(mark, object)));
    }),
  );
  const found = (await Promise.all(searches)).flat().filter((plan) => runId === undefined || plan.runId === runId);
  const once = new Map(found.map((plan) => [JSON.stringify([plan.runId, plan.fault, plan.data]), plan]));
  return [...once.values()].map((plan) => wholePlan(plan, cluster.name));
}
