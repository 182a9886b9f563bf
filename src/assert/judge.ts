import type { ObjectiveName } from '../analysis/objectives/index.ts';
import { worstVerdict } from '../model/finding.ts';
import { whyUnseen } from '../model/leftover.ts';
import type { RunResult } from '../model/result.ts';
import { type Answer, answerOf, isInvariant, no, undecided, unfinished, yes } from './answer.ts';
import { findingText, listText } from './words.ts';

/** Were all findings on one objective kept? */
export function judgeObjective(result: RunResult, objective: ObjectiveName, what: string): Answer {
  const own = result.findings.filter((finding) => finding.objective === objective);
  return answerOf(own, result, what);
}

/**
 * Did the finding of this id pass? One that only says how the run itself went (load, steady state, fault, put back) says it
 * whatever the others are; any other is only an answer where those passed.
 */
export function judgeFinding(result: RunResult, id: string): Answer {
  const own = result.findings.filter((finding) => finding.id === id);
  const [only] = own;
  if (only === undefined) {
    return undecided(`the run has no finding ${id}; it has ${listText(result.findings.map((finding) => finding.id))}`);
  }
  const text = findingText(only);
  if (!isInvariant(only)) return answerOf(own, result, id);
  return only.verdict === 'pass' ? yes(text) : only.verdict === 'fail' ? no(text) : undecided(text);
}

/** Was everything put back? Answered however the run ended: it is the promise that holds for all of them. */
export function judgePutBack({ findings, putBack }: RunResult): Answer {
  const own = findings.filter(({ objective }) => objective === 'putBack');
  const seen = putBack.leftovers.filter((one) => whyUnseen(one) === undefined);
  const left = seen.map(({ cluster, ref, command }) => `${cluster}: ${ref} (${command})`);
  const because = left.length > 0 ? `left behind: ${left.join(', ')}` : putBack.detail;
  if (putBack.state === 'incomplete' || own.some(({ verdict }) => verdict === 'fail')) return no(because);
  return worstVerdict(own.map(({ verdict }) => verdict)) === 'pass' ? yes(because) : undecided(because);
}

/** Did every objective hold? */
export function judgePass(result: RunResult): Answer {
  const stopped = unfinished(result);
  if (stopped !== undefined) return stopped;
  const open = result.findings.filter(({ verdict }) => verdict !== 'pass');
  const lines = open.map((finding) => `  ${finding.verdict} ${finding.id}: ${findingText(finding)}`);
  const because = [result.reason, ...lines].join('\n');
  const verdict = worstVerdict([result.verdict, worstVerdict(result.findings.map((finding) => finding.verdict))]);
  return verdict === 'pass' ? yes(because) : verdict === 'fail' ? no(because) : undecided(because);
}
