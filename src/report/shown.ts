import type { Evidence } from '../model/result.ts';
import { tellable } from './face.ts';
import { type FindingGroup, foldFindings } from './fold.ts';
import { MOST_SHOWN } from './shortlist.ts';
import type { WordedFinding, WordedResult } from './worded.ts';

/** The most evidence rows of a page. */
const MOST_EVIDENCE = 120;

/** What of a result is on the page; the rest is only counted there. */
export type Shown = {
  readonly groups: readonly FindingGroup[];
  /** Findings of a run in which nothing was injected, as far as they have a place. */
  readonly idle: readonly WordedFinding[];
  readonly evidence: readonly Evidence[];
};

/** The findings of a group that have a place on the page although they are folded. */
export function listedOf({ folded }: FindingGroup): readonly WordedFinding[] {
  return folded.slice(0, MOST_SHOWN);
}

/** Evidence of the findings that are shown goes first; what stays is in its own order. */
function evidenceFor(result: WordedResult, findings: readonly WordedFinding[]): readonly Evidence[] {
  if (result.evidence.length <= MOST_EVIDENCE) return result.evidence;
  const wanted = new Set([
    ...findings.flatMap(({ evidence }) => evidence),
    ...result.ladders.flatMap(({ rungs }) => rungs.flatMap(({ evidence }) => evidence)),
  ]);
  const first = result.evidence.filter(({ id }) => wanted.has(id));
  const others = result.evidence.filter(({ id }) => !wanted.has(id));
  const kept = new Set([...first, ...others].slice(0, MOST_EVIDENCE));
  return result.evidence.filter((row) => kept.has(row));
}

/** Decides once what has room on the page. */
export function shownOf(result: WordedResult): Shown {
  const { told, idle } = tellable(result);
  const groups = foldFindings(told, result.reasonFinding);
  const rows = groups.flatMap((group) => group.shown);
  return { groups, idle: idle.slice(0, MOST_SHOWN), evidence: evidenceFor(result, rows) };
}
