import type { LintReport } from '../lint/finding.ts';
import { lint } from '../lint/lint.ts';
import { readForLint } from '../lint/read.ts';
import type { Scenario } from '../model/scenario.ts';
import type { OpenTarget } from './targets/index.ts';

/** Lints the mesh of an open target, for a scenario where there is one. Rejects where the mesh cannot be read. */
export async function lintTarget(
  { target, clusters }: OpenTarget,
  scenario: Scenario | undefined,
): Promise<LintReport> {
  const all = [...clusters.values()].map(({ cluster }) => cluster);
  return lint(await readForLint(all, target, scenario));
}
