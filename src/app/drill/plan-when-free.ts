import type { Millis } from '../../model/units.ts';
import { namedBy } from '../../observe/named.ts';
import { refuseOpenOrHeld } from '../../run/cluster-journal.ts';
import { refuseFrozen } from '../../run/freeze.ts';
import { requireGuards } from '../../run/guards/index.ts';
import { requirePermissions } from '../../run/permissions.ts';
import { planRun } from '../../run/plan.ts';
import type { PlannedRun } from '../../run/planned-run.ts';
import { waitUntilFree } from '../../run/wait-free.ts';
import { waitUntilHome } from '../../run/wait-home.ts';
import type { PlanInputs } from '../../run/wiring.ts';
import type { OpenTarget } from '../targets/index.ts';
import type { RunHooks } from './run-hooks.ts';

/**
 * The plan of a run that may begin. One that is made beside another run's faults would take them for how things are: it is
 * made anew after each wait. Rejects with a FaultlineError when the run is refused.
 */
export async function planWhenFree(
  open: OpenTarget,
  inputs: PlanInputs,
  { waitMs, say, stop }: { readonly waitMs: Millis } & Pick<RunHooks, 'say' | 'stop'>,
): Promise<PlannedRun> {
  const { clock, target } = inputs;
  const until = clock.now() + waitMs * 1000;
  const clusters = [...open.clusters.values()].map(({ cluster }) => cluster);
  const { services } = namedBy(inputs.scenario, []);
  const ports = { clock, until, stop, say };
  const forOthers = async () => waitUntilFree(clusters, target.lockNamespace, ports);
  const forHosts = async () => waitUntilHome(clusters, { scope: target.observe, services }, ports);
  const waits = waitMs > 0;
  if (waits) await forOthers();
  if (waits) await forHosts();
  for (;;) {
    await refuseBlocked(open);
    const run = await planRun(inputs);
    requirePermissions(run);
    requireGuards(run);
    if (!waits || !(await forOthers())) return run;
    await forHosts();
  }
}

/** Before anything is planned: what would be refused in the end. */
async function refuseBlocked({ target, clusters }: OpenTarget): Promise<void> {
  const { lockNamespace } = target;
  for (const { cluster } of clusters.values()) {
    await refuseFrozen(cluster, lockNamespace);
    await refuseOpenOrHeld(cluster, lockNamespace);
  }
}
