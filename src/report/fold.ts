import type { Verdict } from '../model/finding.ts';
import type { ObjectiveWords } from '../model/objective.ts';
import { figuresOf } from './figures.ts';
import type { WordedFinding } from './worded.ts';

/** Findings of one verdict and one objective: those with a row of their own, and those that share one. */
export type FindingGroup = {
  readonly verdict: Verdict;
  readonly words: ObjectiveWords;
  readonly shown: readonly WordedFinding[];
  readonly folded: readonly WordedFinding[];
};

/** So many passes of one objective need no folding. */
const FEW_PASSES = 3;
/** The most findings of one verdict and objective with a row of their own. */
export const MOST_ROWS = 20;
const ORDER: readonly Verdict[] = ['fail', 'inconclusive', 'pass'];

function foldPasses(
  passes: readonly WordedFinding[],
  first: string | undefined,
): Pick<FindingGroup, 'shown' | 'folded'> {
  if (passes.length <= FEW_PASSES) return { shown: passes, folded: [] };
  const shown = passes
    .filter((finding) => finding.id === first || figuresOf(finding).measured !== undefined)
    .slice(0, FEW_PASSES);
  return { shown, folded: passes.filter((finding) => !shown.includes(finding)) };
}

/**
 * Worst first, then in the order of the objectives. Passes of the same objective share a row, but for a few with
 * figures; of the others, each has its own as far as there is room. `first`, the finding behind the reason, is never folded.
 */
export function foldFindings(findings: readonly WordedFinding[], first?: string): readonly FindingGroup[] {
  const groups = new Map<string, WordedFinding[]>();
  const sorted = findings.toSorted((a, b) => a.rank - b.rank);
  for (const finding of sorted) {
    const key = `${finding.verdict} ${finding.objective}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [finding]);
    else if (finding.id === first) group.unshift(finding);
    else group.push(finding);
  }
  return ORDER.flatMap((verdict) =>
    [...groups.values()].flatMap((group) => {
      const words = group[0]?.words;
      if (words === undefined || group[0]?.verdict !== verdict) return [];
      const parts =
        verdict === 'pass'
          ? foldPasses(group, first)
          : { shown: group.slice(0, MOST_ROWS), folded: group.slice(MOST_ROWS) };
      return [{ verdict, words, ...parts }];
    }),
  );
}
