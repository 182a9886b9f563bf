import type { FaultPlan } from '../model/fault.ts';

/**
 * Undoes faults all at once, but of those that touch the same object the last injected first: nobody waits for the rollout
 * of another workload, or for a cluster that does not answer. `faults` are in the order of injection, the results in reverse.
 */
export async function undoTogether<F, R>(
  faults: readonly F[],
  planOf: (fault: F) => FaultPlan,
  undo: (fault: F) => Promise<R>,
): Promise<R[]> {
  const begun: { readonly keys: readonly string[]; readonly result: Promise<R> }[] = [];
  for (const fault of faults.toReversed()) {
    const keys = keysOf(planOf(fault));
    const before = begun.filter((other) => other.keys.some((key) => keys.includes(key))).map(({ result }) => result);
    begun.push({ keys, result: Promise.allSettled(before).then(() => undo(fault)) });
  }
  return Promise.all(begun.map(({ result }) => result));
}

function keysOf({ cluster, objects = [] }: Partial<FaultPlan>): string[] {
  return objects.map(({ kind, namespace, name }) => JSON.stringify([cluster, kind, namespace, name]));
}
