import { type Finding, type Measured, type Unit, type Verdict, worstVerdict } from '../../model/finding.ts';
import type { RunStatus } from '../../model/history.ts';
import { type ObjectiveWords, wordsOf } from '../../model/objective.ts';
import { decimals } from '../facts/format.ts';
import type { Facts } from '../timeline/history.ts';

/** The run ended before any fault, so that most findings only say that there was none. */
function isIdle(facts: Facts): boolean {
  return facts.status !== 'completed' && facts.firstInject === undefined && facts.statusReason !== undefined;
}

/** The finding that the one reason leads to; none where the run ended before any fault for a reason of its own. */
export function headline(
  facts: Facts,
  findings: readonly Finding[],
  objectives: readonly ObjectiveWords[],
): Finding | undefined {
  const isLeft = findings.some((finding) => finding.objective === 'putBack' && finding.verdict === 'fail');
  if (!isIdle(facts) || isLeft) return worstFinding(findings);
  const telling = findings.filter((one) => one.verdict !== 'pass' && wordsOf(one, objectives).withoutFault);
  return worstFinding(telling);
}

/** The finding a reader should see first: the first of the worst, but what made the others doubtful before them. */
function worstFinding(findings: readonly Finding[]): Finding | undefined {
  const worst = worstVerdict(findings.map((finding) => finding.verdict));
  const candidates = findings.filter((finding) => finding.verdict === worst);
  if (worst === 'fail') return candidates.find((finding) => finding.objective === 'putBack') ?? candidates[0];
  return worst === 'pass' ? (slowest(candidates) ?? candidates[0]) : candidates[0];
}

/** The longest recovery, which came nearest to its target. */
function slowest(findings: readonly Finding[]): Finding | undefined {
  const hi = (finding: Finding): number => finding.measured?.hi ?? 0;
  return findings
    .filter((finding) => finding.objective === 'recoveryTime')
    .reduce<Finding | undefined>((a, b) => (a === undefined || hi(b) > hi(a) ? b : a), undefined);
}

const suffixOf = (unit: Unit): string => (unit === 'count' ? '' : unit === '%' ? '%' : ` ${unit}`);

function interval({ lo, hi, unit }: Measured, target: number | undefined): string {
  const least = unit === 'count' ? 0 : 2;
  const text = (value: number): string => decimals(value, target, Number.isInteger(value) ? 0 : least);
  const suffix = suffixOf(unit);
  if (hi === null) return `at least ${text(lo)}${suffix}`;
  return lo === hi ? `${text(lo)}${suffix}` : `${text(lo)} to ${text(hi)}${suffix}`;
}

/** `measured 0.30 to 0.32 s, limit <= 5 s` */
function measuredText({ measured, target }: Finding): string {
  const parts: string[] = [];
  if (measured !== undefined) parts.push(`measured ${interval(measured, target?.value)}`);
  if (target !== undefined) {
    parts.push(`limit ${target.op} ${Number(target.value.toFixed(6))}${suffixOf(target.unit)}`);
  }
  return parts.join(', ');
}

const STATUS: Readonly<Record<RunStatus, string>> = {
  completed: '',
  aborted: 'The run was aborted',
  refused: 'The run was refused before any fault',
  interrupted: 'The run was interrupted',
  failed: 'The run failed inside faultline',
};

/** Why a run ended before any fault: its own reason in one sentence. */
function idleText(status: string, reason: string): string {
  const words = reason
    .replace(/^nothing was injected: /, '')
    .replace(/\s+/g, ' ')
    .replace(/\. (?=\p{Ll})/gu, ': ');
  return `${status}: ${words.trim().replace(/\.$/, '')}.`;
}

/** Whether the run was refused because it was not steady before the fault. */
function isUnsteady({ status, events }: Facts): boolean {
  const before = events.findLast((event) => event.type === 'steady-state' && event.when === 'before');
  return status === 'refused' && before?.type === 'steady-state' && !before.holds;
}

/**
 * Why the run did not complete, in the history's words; of a run that was not steady in those of the finding that says
 * why, whose numbers hold up to the end: what failed, or that the load could not be trusted.
 */
export function statusReasonOf(facts: Facts, finding: Finding | undefined): string | undefined {
  if (finding === undefined || !isUnsteady(facts)) return facts.statusReason;
  const { objective, title, cause, story } = finding;
  const why = objective === 'steadyState' ? `${cause ?? title}; ${story}` : `${title}: ${cause ?? story}`;
  return `nothing was injected: ${why}`;
}

/** The one reason, in one sentence; a run that did not complete says so first. */
export function reasonText(facts: Facts, finding: Finding | undefined): string {
  const status = STATUS[facts.status];
  if (isIdle(facts) && finding?.objective !== 'putBack') return idleText(status, statusReasonOf(facts, finding) ?? '');
  const start = status === '' ? '' : `${status}${facts.statusReason === undefined ? '' : ` (${facts.statusReason})`}; `;
  if (finding === undefined) return `${start}nothing was judged.`;
  const measured = measuredText(finding);
  const why = finding.cause === undefined || finding.verdict === 'pass' ? '' : `: ${finding.cause.replace(/\.$/, '')}`;
  return `${start}${finding.title}${why}${measured === '' ? '' : ` (${measured})`}.`;
}

/** Worst of the findings; a run that did not complete never passes. */
export function verdictOf(facts: Facts, findings: readonly Finding[]): Verdict {
  const status: Verdict = facts.status === 'completed' ? 'pass' : 'inconclusive';
  return worstVerdict([...findings.map((finding) => finding.verdict), ...(findings.length === 0 ? [] : [status])]);
}
