import { grantDrill } from '../lab/up/grant.ts';
import { planRun } from '../run/plan.ts';
import { systemClock } from '../run/system-clock.ts';
import { newRunId } from '../store/run-folder.ts';
import { faultKind } from './fault-kind.ts';
import { loadScenario } from './load-files.ts';
import { openTarget } from './targets/index.ts';

/**
 * Gives the lab's user for drills exactly the permissions that `plan` lists for a scenario file, and returns how many.
 * Rejects as planning does.
 */
export async function grantPlanned(file: string): Promise<number> {
  const { value: scenario } = loadScenario(file, []);
  const { target, ephemeral, clusters, close } = await openTarget('lab', scenario);
  try {
    const runId = newRunId(systemClock.wall(), Math.random);
    const { permissions } = await planRun({
      ...{ scenario, target, ephemeral, clusters },
      ...{ faultKind, clock: systemClock, runId, allowProtected: [], noDeadMan: false, prometheus: undefined },
    });
    for (const [name, { cluster }] of clusters) {
      await grantDrill(
        cluster,
        permissions.filter((one) => one.cluster === name),
      );
    }
    return permissions.length;
  } finally {
    await close();
  }
}
