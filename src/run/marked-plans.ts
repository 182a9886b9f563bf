import { copiedFrom, plansOn, wholePlan } from '../faults/marked-plans.ts';
import type { FaultKind, FaultPlan } from '../model/fault.ts';
import type { Cluster } from '../model/ports.ts';
import { placesOf } from './leftovers.ts';

/** A plan that an object tells. */
export type ToldPlan = FaultPlan & {
  /** The cluster that it was made for, where the object is none that the fault has changed (`copiedFrom`). */
  readonly copyOf?: string;
};

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
): Promise<ToldPlan[]> {
  const marks = kinds.flatMap((kind) => kind.marks);
  const searches = [...Map.groupBy(marks, ({ resource }) => resource).values()].flatMap(([first, ...more]) => {
    if (first === undefined) return [];
    const same = [first, ...more];
    return placesOf(first, namespaces).map(async (place) => {
      // Without a selector: what stands in a template or inside of a pod has no label for it.
      const objects = await cluster.list(first.kind, place).catch(() => []);
      return objects
        .filter(({ metadata }) => metadata.deletionTimestamp === undefined)
        .flatMap((object) =>
          same.flatMap((mark) =>
            plansOn(mark, object).map((plan) => ({ plan, copyOf: copiedFrom(object, plan, cluster) })),
          ),
        );
    });
  });
  const found = (await Promise.all(searches)).flat().filter(({ plan }) => runId === undefined || plan.runId === runId);
  // Where one of its objects is no copy, it is the plan of a fault that was here.
  found.sort((a, b) => Number(a.copyOf === undefined) - Number(b.copyOf === undefined));
  const once = new Map(found.map((one) => [JSON.stringify([one.plan.runId, one.plan.fault, one.plan.data]), one]));
  return [...once.values()].map(({ plan, copyOf }) => ({
    ...wholePlan(plan, cluster.name),
    ...(copyOf === undefined ? {} : { copyOf }),
  }));
}
