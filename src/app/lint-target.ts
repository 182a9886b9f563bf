import type { LintReport } from '../lint/finding.ts';
import { lint } from '../lint/lint.ts';
import { lintNeeds } from '../lint/needs.ts';
import { type Extent, readForLint } from '../lint/read.ts';
import { FaultlineError } from '../model/errors.ts';
import { GRANT } from '../model/grant-words.ts';
import { inContext } from '../model/kubectl.ts';
import type { Scenario } from '../model/scenario.ts';
import { permissionText } from '../run/permissions.ts';
import type { OpenTarget } from './targets/index.ts';

/**
 * Lints the mesh of an open target, for a scenario where there is one. Rejects where the mesh cannot be read: with
 * PERMISSION_DENIED and all that is missing where the API refuses it.
 */
export async function lintTarget(
  open: OpenTarget,
  scenario: Scenario | undefined,
  extent: Extent = 'all',
): Promise<LintReport> {
  const clusters = [...open.clusters.values()].map(({ cluster }) => cluster);
  try {
    return inTheirContext(open, lint(await readForLint(clusters, open.target, scenario, extent)));
  } catch (error) {
    const missing = await missingFor(open);
    if (missing.length === 0) throw error;
    const hint = `Nothing of it writes. ${GRANT}`;
    throw new FaultlineError('PERMISSION_DENIED', `the API does not allow: ${missing.join('; ')}`, {
      hint,
      cause: error,
    });
  }
}

/** What is to be done is done in the cluster of the object that it mends. */
function inTheirContext({ clusters }: OpenTarget, { findings, untold }: LintReport): LintReport {
  const told = findings.map((one) => {
    const cluster = clusters.get(one.object.cluster)?.cluster;
    return cluster === undefined ? one : { ...one, change: inContext(one.change, cluster) };
  });
  return { findings: told, untold };
}

async function missingFor({ target, clusters }: OpenTarget): Promise<string[]> {
  const answers = [...clusters.values()].flatMap(({ cluster }) =>
    lintNeeds(target.observe, cluster).must.map(async (need) => {
      const allowed = await cluster.can(need.verb, need, need.namespace).catch(() => true);
      return allowed ? [] : [permissionText({ ...need, cluster: cluster.name })];
    }),
  );
  return (await Promise.all(answers)).flat();
}
