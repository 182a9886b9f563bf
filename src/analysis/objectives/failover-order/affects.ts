import type { FailoverOrder } from '../../../model/scenario.ts';
import type { Case } from '../../facts/case.ts';
import { rungOf } from '../../facts/rungs.ts';
import type { FaultFacts } from '../../timeline/history.ts';

/** Whether some faults take a service away from the callers of an order, or from a place it declares. */
export function affects(run: Case, order: FailoverOrder, faults: readonly FaultFacts[]): boolean {
  const pods = faults.flatMap((fault) => fault.affected);
  if (pods.length === 0) return true;
  const own = faults.filter(({ affected }) => affected.some((pod) => run.pods.serves(pod, order.service)));
  const isNear = own.some(({ affected }) =>
    affected.some((pod) => run.pods.serves(pod, order.service) && rungOf(order, run.listeners.sites.ofPod(pod)) !== -1),
  );
  return isNear || own.some((fault) => run.listeners.witnesses.of(fault).callerZones.has(order.from.zone));
}
