import { FaultlineError } from '../model/errors.ts';
import type { FaultKind, FaultPlan } from '../model/fault.ts';
import type { Cluster } from '../model/ports.ts';
import { readClusterJournal } from './cluster-journal.ts';
import { undoneElsewhere, unlessElsewhere } from './elsewhere.ts';
import type { OpenFault } from './undo-stack.ts';

/**
 * The same fault, undone in a cluster whose writes need the lease. Where somebody else holds that by now, they hold it
 * only because the fault was recovered: if nothing of it is left, it is undone, and else its undo fails.
 */
export function leasedUndo(open: OpenFault, leased: Cluster, lockNamespace: string): OpenFault {
  const undo: FaultKind['undo'] = async (plan, context) => {
    try {
      return await open.kind.undo(plan, context);
    } catch (error) {
      const isLost = error instanceof FaultlineError && error.code === 'LEASE_LOST';
      if (!isLost || !(await isRecovered(plan, open.kind, context.cluster, lockNamespace))) throw error;
      // Without the lease no write of it goes through: what it would still have to write is left, and fails as before.
      return unlessElsewhere(context.cluster, (cluster) => open.kind.undo(plan, { ...context, cluster }));
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
  const journal = await readClusterJournal(cluster, lockNamespace);
  const isGone = await undoneElsewhere(cluster, { lockNamespace }, [plan], journal?.runId, () => kind);
  return isGone(plan);
}
