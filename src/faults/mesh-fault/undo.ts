import type { FaultContext, UndoOutcome } from '../../model/fault.ts';
import { KINDS } from '../../model/kubernetes.ts';
import type { PlanOf } from '../define.ts';
import { ownedRefs } from '../owned/objects.ts';
import { inboundFilter } from '../owned/proxies.ts';
import { removeOwned } from '../owned/undo.ts';
import { poll } from '../poll.ts';
import { filterName, type MeshFaultData } from './filter.ts';
import { askedPods } from './pods.ts';

/** How long the proxies may take to let go of the filter before the undo stops waiting for it. */
const LET_GO_MS = 60_000;

/** Deletes the EnvoyFilter, then its Job, and waits until the proxies have let go of the filter. Rejects where they do not say. */
export function undo(plan: PlanOf<MeshFaultData>, context: FaultContext): Promise<UndoOutcome> {
  const refs = ownedRefs(KINDS.envoyFilter, plan.data.namespace, plan);
  return removeOwned(plan, refs, context, async () => {
    const gone = await poll(context, LET_GO_MS, () => look(plan, context));
    return `EnvoyFilter and Job are deleted, ${gone ? 'the proxies have let go of the filter' : 'the proxies may still have the filter for some connections'}`;
  });
}

/** True when no proxy has the filter any more; undefined while one may. */
async function look(plan: PlanOf<MeshFaultData>, context: FaultContext): Promise<true | undefined> {
  const pods = await askedPods(plan.data, context);
  const states = await inboundFilter(context, pods, filterName(plan));
  return states.every((state) => state === 'has not') ? true : undefined;
}
