import { worstVerdict } from '../../model/finding.ts';
import type { RunResult } from '../../model/result.ts';

/** Whether the system is steady so far, and what says so: the worst of its findings where it is not. */
type Steadiness = { readonly holds: boolean; readonly detail: string };

/** The word of one judgement on the steady state, in the baseline and at its end alike; without a finding it does not hold. */
export function steadyStateOf({ findings, series }: Pick<RunResult, 'findings' | 'series'>): Steadiness {
  const steady = findings.filter((finding) => finding.objective === 'steadyState');
  const worst = worstVerdict(steady.map((finding) => finding.verdict));
  const bad = steady.find((finding) => finding.verdict === worst && worst !== 'pass');
  const detail =
    bad === undefined
      ? steady.map((finding) => finding.story).join(' ')
      : [bad.story, bad.cause === undefined ? '' : `${bad.cause}.`, ...badPaths(series)]
          .filter((part) => part !== '')
          .join(' ');
  return { holds: steady.length > 0 && bad === undefined, detail };
}

/** The paths that were bad, each with its counts: a gateway that does not answer is seen at once. */
function badPaths({ paths }: RunResult['series']): string[] {
  const total = (counts: readonly number[]): number => counts.reduce((sum, count) => sum + count, 0);
  return paths
    .map(({ path, good, bad }) => ({ path, good: total(good), bad: total(bad) }))
    .filter(({ bad }) => bad > 0)
    .map(({ path, good, bad }) => `${path}: ${bad} of ${good + bad} bad.`);
}
