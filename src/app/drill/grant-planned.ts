import { grantDrill } from '../../lab/up/grant.ts';
import { planRun } from '../../run/plan.ts';
import { loadScenario } from '../files/load-files.ts';
import { openTarget } from '../targets/index.ts';
import { planInputs } from './plan-inputs.ts';

/**
 * Gives the lab's user for drills exactly the permissions that `plan` lists for a scenario file, and returns how many.
 * Rejects as planning does.
 */
export async function grantPlanned(file: string): Promise<number> {
  const { value: scenario } = loadScenario(file, []);
  const open = await openTarget('lab', scenario);
  try {
    const asked = { scenario, allowProtected: [], noDeadMan: false, prometheus: undefined };
    const { permissions } = await planRun(planInputs(open, asked));
    for (const [name, { cluster }] of open.clusters) {
      await grantDrill(
        cluster,
        permissions.filter((one) => one.cluster === name),
      );
    }
    return permissions.length;
  } finally {
    await open.close();
  }
}
