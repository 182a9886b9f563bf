import { plannedDeadMen } from '../run/dead-man/plan.ts';
import type { PlannedRun } from '../run/planned-run.ts';
import { rulesOf } from './permission-text.ts';

/** The dead-man of each cluster that gets one, with what its service account must be allowed: enough to write the role from. */
export function describeDeadMen(run: PlannedRun): string[] {
  const lines = plannedDeadMen(run).flatMap(({ cluster, namespace, image, serviceAccount, after, permissions }) => [
    `  ${cluster}: a Job in ${namespace} runs ${image} as ServiceAccount ${serviceAccount}; it ends the run after ${after}`,
    '    it may:',
    ...rulesOf(permissions.map((one) => ({ ...one, cluster }))).map((rule) => `      ${rule}`),
  ]);
  return lines.length === 0 ? [] : ['Dead-man, armed before the first fault', ...lines, ''];
}
