import type { Finding, Measured } from '../model/finding.ts';
import type { Recovery, RunResult } from '../model/result.ts';
import { formatDuration, type Micros, type Millis } from '../model/units.ts';
import { type Answer, answerOf, no, undecided, unfinished, ungrounded, yes } from './answer.ts';
import { findingText, intervalText } from './words.ts';

/**
 * Did every impacted path recover within the time? The scenario's own time is answered by its findings. Any other is
 * compared with what was measured; a finding that is open or failed for another reason than its target stays what it is.
 */
export function judgeRecovery(result: RunResult, within: Millis): Answer {
  const own = result.findings.filter(({ objective }) => objective === 'recoveryTime');
  if (result.run.scenario.expect.recoveryTime?.withinMs === within) return answerOf(own, result, 'the recovery time');
  const answers = [
    ...own.filter(({ id }) => result.recoveries.every(({ finding }) => finding !== id)).map(asItStands),
    ...result.recoveries.map((recovery) => pathAnswer(result, recovery, within)),
  ];
  const blocked = unfinished(result) ?? ungrounded(result);
  if (blocked !== undefined) return blocked;
  if (answers.length === 0) return undecided('no path was watched while a fault was on');
  const worst = answers.find(({ fails }) => fails) ?? answers.find(({ holds }) => !holds);
  return worst ?? yes(answers.map(({ because }) => because).join('; '));
}

function asItStands(finding: Finding): Answer {
  const text = findingText(finding);
  return finding.verdict === 'pass' ? yes(text) : finding.verdict === 'fail' ? no(text) : undecided(text);
}

function pathAnswer(result: RunResult, recovery: Recovery, within: Millis): Answer {
  const finding = result.findings.find(({ id }) => id === recovery.finding);
  if (finding !== undefined && finding.verdict !== 'pass' && !turnsOnTarget(finding)) return asItStands(finding);
  const { path, state } = recovery;
  if (state === 'too-few-samples') return undecided(`too few requests on ${path} while the fault was on`);
  if (state === 'not-impacted' && finding?.measured === undefined) return yes(`${path} was not impacted`);
  const spans = [...spansOf(result, recovery), ...measuredOf(finding)];
  if (spans.length === 0) return undecided(`nothing was measured on ${path}`);
  const worst = { lo: Math.max(...spans.map(({ lo }) => lo)), hi: latest(spans), unit: 's' } as const;
  const limit = within / 1000;
  const because = `${path} recovered in ${intervalText(worst, limit)}, wanted at most ${formatDuration(within)}`;
  if (worst.hi !== null && worst.hi <= limit) return yes(because);
  return worst.lo > limit ? no(because) : undecided(because);
}

/** The finding did not pass because of where its target lies: another target may be decided by the same figures. */
function turnsOnTarget({ measured, target }: Finding): boolean {
  if (measured === undefined || target === undefined) return false;
  return measured.hi === null || measured.hi > target.value;
}

const latest = (spans: readonly Measured[]): number | null =>
  spans.some(({ hi }) => hi === null) ? null : Math.max(...spans.map(({ hi }) => hi ?? 0));

const measuredOf = (finding: Finding | undefined): Measured[] =>
  finding?.measured?.unit === 's' ? [finding.measured] : [];

/** How late the path recovered, from the effect on, and how long its longest outage lasted; both must be in time. */
function spansOf({ zero, zeroFrom }: RunResult, { effective, recovered, lasted }: Recovery): Measured[] {
  const earliest = effective === zero ? (zeroFrom ?? effective) : effective;
  const spans: Measured[] = [];
  if (recovered !== undefined) spans.push(span(recovered, effective, earliest));
  if (lasted !== undefined) spans.push(span(lasted, 0, 0));
  return spans;
}

function span({ lo, hi }: { lo: Micros; hi: Micros | null }, latestStart: Micros, earliestStart: Micros): Measured {
  const seconds = (micros: Micros): number => Math.max(0, micros) / 1e6;
  return { lo: seconds(lo - latestStart), hi: hi === null ? null : seconds(hi - earliestStart), unit: 's' };
}
