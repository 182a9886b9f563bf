import { OBJECTIVES } from '../analysis/objectives/index.ts';
import type { Finding } from '../model/finding.ts';
import { wordsOf } from '../model/objective.ts';
import type { RunResult } from '../model/result.ts';
import { findingText, statusText } from './words.ts';

/**
 * The answer of a run to a question. Neither `holds` nor `fails`: the run can say neither yes nor no, and an assertion
 * and its negation fail alike.
 */
export type Answer = { readonly holds: boolean; readonly fails: boolean; readonly because: string };

export function yes(because: string): Answer {
  return { holds: true, fails: false, because };
}

export function no(because: string): Answer {
  return { holds: false, fails: true, because };
}

export function undecided(because: string): Answer {
  return { holds: false, fails: false, because: `cannot be decided: ${because}` };
}

const INVARIANTS: ReadonlySet<string> = new Set(OBJECTIVES.filter((one) => !('clause' in one)).map(({ name }) => name));

/** Whether a finding says how the run itself went, whatever was promised. */
export function isInvariant({ objective }: Finding): boolean {
  return INVARIANTS.has(objective);
}

/** A run that did not go through all its phases answers no question about the fault. */
export function unfinished(result: RunResult): Answer | undefined {
  return result.status === 'completed' ? undefined : undecided(statusText(result));
}

/**
 * The findings without which no answer about the fault means anything: the fault was on, the load was honest, the
 * target acts on its configuration, and the system was well before. What happened after the undo (`wayHome`,
 * `steadyState/after`, `putBack`) cannot make an answer about the time under the fault untrue; `holdItsObjectives` and `leaveNothingBehind` ask for it.
 */
function groundsOf(result: RunResult): readonly Finding[] {
  return result.findings.filter((finding) => wordsOf(finding, OBJECTIVES).grounds);
}

/** The first of these grounds that did not pass, as an answer. */
export function ungrounded(result: RunResult): Answer | undefined {
  const grounds = groundsOf(result);
  if (!grounds.some(({ objective }) => objective === 'faultEffect')) return undecided('no fault was injected');
  const open = grounds.find(({ verdict }) => verdict !== 'pass');
  return open === undefined ? undefined : undecided(findingText(open));
}

/** Never greener than the findings: a fail beats open grounds, which beats an inconclusive one, which beats a pass. */
export function answerOf(own: readonly Finding[], result: RunResult, what: string): Answer {
  const stopped = unfinished(result);
  if (stopped !== undefined) return stopped;
  if (own.length === 0) return undecided(`the scenario promises nothing about ${what}`);
  const failed = own.find(({ verdict }) => verdict === 'fail');
  if (failed !== undefined) return no(findingText(failed));
  const open = own.find(({ verdict }) => verdict !== 'pass');
  return (
    ungrounded(result) ?? (open === undefined ? yes(own.map(findingText).join('; ')) : undecided(findingText(open)))
  );
}
