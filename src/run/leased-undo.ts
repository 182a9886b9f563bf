import { FaultlineError } from '../model/errors.ts';
import type { FaultKind, FaultPlan } from '../model/fault.ts';
import type { Cluster } from '../model/ports.ts';
import { holdsPlansOf } from './cluster-journal.ts';
import { undoneElsewhere, unlessElsewhere } from './elsewhere.ts';
import type { OpenFault } from './undo-stack.ts';

/**
 * The same fault, undone in a cluster whose writes need the lease. Where that was lost, and the run's plans have gone from the
 * cluster, somebody has recovered it: if nothing of it is left, it is undone. What carries its mark is put back, where `reclaim` can
 * take the lease again. Else its undo fails.
 */
export function leasedUndo(
  open: OpenFault,
  leased: Cluster,
  lockNamespace: string,
  reclaim: () => Promise<void>,
): OpenFault {
  const undo: FaultKind['undo'] = async (plan, context) => {
    try {
      return await open.kind.undo(plan, context);
    } catch (error) {
      const isLost = error instanceof FaultlineError && error.code === 'LEASE_LOST';
      if (!isLost || (await holdsPlansOf(context.cluster, lockNamespace, plan.runId))) throw error;
      const again = (cluster: Cluster) => open.kind.undo(plan, { ...context, cluster, plansGone: true });
      // Without the lease no write of it goes through: what it would still have to write is left, and fails as before.
      if (await isRecovered(plan, open.kind, context.cluster, lockNamespace))
        return unlessElsewhere(context.cluster, again);
      await reclaim();
      return again(context.cluster);
    }
  };
  return { ...open, kind: { ...open.kind, undo }, context: { ...open.context, cluster: leased } };
}

async function isRecovered(
  plan: FaultPlan,
  kind: FaultKind,
  cluster: Cluster,
  lockNamespace: string,
): Promise<boolean> {
  const isGone = await undoneElsewhere(
    cluster,
    { lockNamespace },
    [plan],
    () => false,
    () => kind,
  );
  return isGone(plan);
}
