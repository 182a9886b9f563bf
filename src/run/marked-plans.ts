import { plansOn, wholePlan } from '../faults/marked-plans.ts';
import type { FaultKind, FaultPlan } from '../model/fault.ts';
import type { Cluster } from '../model/ports.ts';
import { placesOf } from './leftovers.ts';

/**
 * The plans of which something is left in these namespaces, as the marked objects themselves tell them, each once: what
 * an undo works from where no journal is left. Of every run, or of one. A kind of object that cannot be listed hides only
 * itself: the search for leftovers says why it could not be.
 */
export async function findMarkedPlans(
  cluster: Cluster,
  namespaces: readonly string[],
  kinds: readonly FaultKind[],
  runId: string | undefined,
): Promise<FaultPlan[]> {
  const marks = kinds.flatMap((kind) => kind.marks);
  const searches = [...Map.groupBy(marks, ({ resource }) => resource).values()].flatMap(([first, ...more]) => {
    if (first === undefined) return [];
    const same = [first, ...more];
    return placesOf(first, namespaces).map(async (place) => {
      // Without a selector: what stands in a template or inside of a pod has no label for it.
      const objects = await cluster.list(first.kind, place).catch(() => []);
      return objects
        .filter(({ metadata }) => metadata.deletionTimestamp === undefined)
        .flatMap((object) => same.flatMap((mark) => plansOn(mark, object)));
    });
  });
  const found = (await Promise.all(searches)).flat().filter((plan) => runId === undefined || plan.runId === runId);
  const once = new Map(found.map((plan) => [JSON.stringify([plan.runId, plan.fault, plan.data]), plan]));
  return [...once.values()].map((plan) => wholePlan(plan, cluster.name));
}
