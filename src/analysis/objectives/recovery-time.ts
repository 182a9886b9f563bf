import type { Finding, Verdict } from '../../model/finding.ts';
import { slowestRate } from '../../model/rates.ts';
import type { RecoveryObjective, Scenario } from '../../model/scenario.ts';
import { formatDuration, type Micros } from '../../model/units.ts';
import { integer, mapping, quantity, withDefault } from '../../schema/builders.ts';
import { clause, type Warn } from '../../schema/clause.ts';
import type { Case } from '../facts/case.ts';
import { doubtAboutStage } from '../facts/effects.ts';
import { eventId } from '../facts/evidence.ts';
import type { Group } from '../facts/failure-groups.ts';
import { count, list, seconds, secondsInterval } from '../facts/format.ts';
import { mechanismText } from '../facts/mechanism.ts';
import type { PathOutcome, StageOutcome } from '../facts/recoveries.ts';
import { judgeAtMost } from '../facts/share.ts';
import { commonest } from './failures.ts';
import { finding, type Judgement, unlessDoubted, unlessOpen } from './finding.ts';
import { recordedSuffix, recoveryHint } from './hints.ts';
import { objective } from './objective.ts';

const schema = mapping('From the fault to good answers that last, on every path.', {
  required: {
    within: quantity('duration', 'Longest time to recovery.', { min: '1ms', max: '6h', example: '5s' }),
  },
  optional: {
    consecutive: withDefault(integer('Good requests in a row that make a recovery.', 1, 10_000, 5), 5),
    lasting: withDefault(
      quantity('duration', 'How long the row must last at least.', { min: '0s', max: '10m', example: '1s' }),
      '1s',
    ),
  },
});

/** How many steps of the load a promised time must have, or the measured interval may straddle it. */
const LEAST_STEPS = 4;

function advise({ withinMs, consecutive, lastingMs }: RecoveryObjective, { load, phases }: Scenario, warn: Warn): void {
  const step = 1000 / slowestRate(load);
  if (step * LEAST_STEPS > withinMs) {
    const message = `with one request in ${formatDuration(step)}, nobody can tell whether recoveryTime.within (${formatDuration(withinMs)}) was kept`;
    warn(['load', 'rate'], message, `use at least \`${Math.ceil((1000 * LEAST_STEPS) / withinMs)}/s\``);
  }
  const row = Math.ceil(Math.max(lastingMs, ((consecutive - 1) * 1000) / slowestRate(load)));
  if (phases.holdMs >= withinMs + row) return;
  const message = `hold is shorter than recoveryTime needs: ${formatDuration(withinMs)} and a good row of ${formatDuration(row)}`;
  warn(['phases', 'hold'], message, `use at least \`${formatDuration(withinMs + row)}\``);
}

/** The id of the finding on one path; later stages say so, so that ids of one-stage scenarios stay as they were. */
export function recoveryFindingId(path: string, stage: number): string {
  return `recoveryTime/${path}${stage === 0 ? '' : `/stage-${stage + 1}`}`;
}

function judgeOutcome(run: Case, { stage }: StageOutcome, path: PathOutcome, limit: Micros): Judgement {
  const { measured, state } = path;
  const doubt = doubtAboutStage(run, stage);
  if (state === 'too-few-samples') return { verdict: 'inconclusive', cause: 'too few requests in this stage' };
  const verdict = measured === undefined ? 'pass' : judgeAtMost(measured.lo, measured.hi, limit);
  const why = causeOf(run, stage.index, path, verdict, limit);
  const cause = why === undefined ? undefined : `${why}${verdict === 'fail' ? recordedSuffix(run, stage) : ''}`;
  const open =
    path.unknown > 0 ? `${count(path.unknown, 'request')} of this path unknown while the fault was on` : undefined;
  return unlessDoubted(unlessOpen({ verdict, cause }, open), doubt);
}

/** Why it was too late, or why that is open; with the commonest failure. */
function causeOf(run: Case, stage: number, path: PathOutcome, verdict: Verdict, limit: Micros): string | undefined {
  if (verdict === 'pass') return undefined;
  const certain = path.charged.filter(({ weight }) => weight === 'certain');
  const doubtful = path.charged.filter(({ weight }) => weight === 'doubtful');
  const what = commonest(run, (group) => group.stage === stage && isOf(group, path.worst), path.path.id);
  const most = what === undefined ? '' : `; most often ${what}`;
  if (verdict === 'inconclusive') {
    if (doubtful.length > 0) return `${doubtText(path)} may be noise, or not${most}`;
    const { quiet } = path.tracker;
    if (quiet > limit)
      return `requests were up to ${seconds(quiet)} s apart, which may hide an outage longer than allowed`;
    if (path.hidden > 0) return `nothing was sent for ${seconds(path.hidden)} s, which may hide an outage as long`;
    if (path.state === 'not-recovered') return `not recovered when the stage ended, before its time was over${most}`;
    return `the interval straddles the limit: the requests were too far apart to tell${most}`;
  }
  return `${failText(path, certain.length, limit)}${most}`;
}

/** Whether failures are those of an outage: an earlier one that was recovered from has others. */
function isOf({ first, last }: Group, outage: PathOutcome['worst']): boolean {
  return outage === undefined || (first <= outage.lastBad.due && last >= outage.firstBad.due);
}

function failText({ state, worst, effect, lasted }: PathOutcome, outages: number, limit: Micros): string {
  const since = (worst?.from ?? 0) - effect.hi;
  if (state === 'not-recovered') {
    return since > limit
      ? `failing from ${seconds(since)} s after the effect until the stage ended`
      : 'not recovered when the stage ended';
  }
  if (outages > 1) return `came back ${count(outages - 1, 'time')} after a recovery`;
  const isShort = lasted?.hi != null && lasted.hi <= limit;
  return isShort ? 'an outage came too late to be part of the recovery' : 'the outage took too long';
}

function doubtText({ charged, effect }: PathOutcome): string {
  const doubtful = charged.filter(({ weight }) => weight === 'doubtful');
  const bad = doubtful.reduce((sum, { outage }) => sum + outage.bad, 0);
  const last = doubtful.at(-1)?.outage.from ?? 0;
  return `${count(bad, 'error')}, the last ${seconds(Math.max(0, last - effect.hi))} s after the effect,`;
}

function story(path: PathOutcome, limit: Micros): string {
  const { tracker, measured, lasted, state, effect, worst } = path;
  const requests = count(tracker.total, 'request');
  const id = path.path.id;
  const bad = `${tracker.bad} of ${requests} bad`;
  if (state === 'too-few-samples') return `Only ${requests} on ${id} while the fault was on.`;
  if (worst === undefined) {
    const quiet = path.hidden === 0 ? '' : ` Nothing was sent for ${seconds(path.hidden)} s of it.`;
    if (tracker.bad > 0)
      return `${bad} on ${id}, no more often than before the fault: this path was not impacted.${quiet}`;
    return `None of ${requests} on ${id} failed: this path was not impacted.${quiet}`;
  }
  const allowed = `allowed are ${seconds(limit)} s`;
  const began =
    worst.from >= effect.hi ? `${seconds(worst.from - effect.hi)} s after the effect` : 'before the effect was certain';
  const long =
    lasted === undefined
      ? ''
      : ` ${path.charged.length > 1 ? 'That' : 'The'} outage lasted ${secondsInterval(lasted.lo, lasted.hi, limit)} and began ${began}.`;
  const took = secondsInterval(measured?.lo ?? 0, measured?.hi ?? null, limit);
  return state === 'not-recovered'
    ? `${id} ${hasRecovered(path) ? 'failed again and ' : ''}had not recovered after ${took.replace('more than ', '')} (${bad}); ${allowed}.${long}`
    : `${id} recovered ${took} after the effect (${bad}); ${allowed}.${long}`;
}

/** An outage before the one that was left when the stage ended. */
function hasRecovered({ charged }: PathOutcome): boolean {
  return charged.filter(({ weight }) => weight === 'certain').length > 1;
}

function titleOf(path: PathOutcome, verdict: Verdict): string {
  const { id } = path.path;
  if (path.state === 'too-few-samples') return `${id} was hardly used`;
  if (path.state === 'not-recovered') return hasRecovered(path) ? `${id} failed again` : `${id} did not recover`;
  if (path.state === 'not-impacted')
    return verdict === 'pass' ? `${id} was not impacted` : `It is not certain that ${id} was not impacted`;
  if (verdict === 'pass') return `${id} recovered in time`;
  return verdict === 'fail' ? `${id} recovered too late` : `It is not certain when ${id} recovered`;
}

/** An outage, and no noise, that was or may have been too long: something may be wrong with the failover. */
function isLate({ measured, charged }: PathOutcome, limit: Micros): boolean {
  if (measured === undefined || !charged.some(({ weight }) => weight === 'certain')) return false;
  return measured.hi === null || measured.hi > limit;
}

function judgePath(run: Case, outcome: StageOutcome, path: PathOutcome, rule: RecoveryObjective): Finding {
  const limit = rule.withinMs * 1000;
  const { verdict, cause } = judgeOutcome(run, outcome, path, limit);
  const { stage } = outcome;
  const { tracker, measured, worst } = path;
  const marks = stage.faults.flatMap((fault) =>
    fault.events.filter(({ step }) => step === 'acknowledged' || step === 'proven' || step === 'not-proven'),
  );
  const outages = path.charged.map(({ outage }) => outage);
  return finding({
    id: recoveryFindingId(path.path.id, stage.index),
    objective: 'recoveryTime',
    subject: path.path.id,
    verdict,
    title: `${titleOf(path, verdict)}${stage.index > 0 ? ` after ${list(stage.faults.map((f) => f.name))}` : ''}`,
    story: `${story(path, limit)}${worst === undefined ? '' : mechanismText(run, path.path.zone, worst)}`,
    ...(measured !== undefined && {
      measured: { lo: measured.lo / 1e6, hi: measured.hi === null ? null : measured.hi / 1e6, unit: 's' as const },
    }),
    target: { op: '<=', value: rule.withinMs / 1000, unit: 's' },
    samples: outages.length === 0 ? tracker.total : outages.reduce((sum, { span }) => sum + span, 0) + rule.consecutive,
    evidence: [
      ...marks.map(eventId).slice(0, 4),
      ...run.evidence.requests(worst?.firstBad, worst?.lastBad, worst?.hi == null ? undefined : worst.firstGood),
    ],
    cause,
    hint: isLate(path, limit) && doubtAboutStage(run, stage) === undefined ? recoveryHint(run, stage, path) : undefined,
  });
}

/** Every path in every stage must recover in time. */
export const recoveryTime = objective({
  name: 'recoveryTime',
  title: 'Recovery time',
  counts: 'request',
  fromRequests: true,
  clause: clause({
    schema,
    read: (written): RecoveryObjective | undefined =>
      written && { withinMs: written.within, consecutive: written.consecutive, lastingMs: written.lasting },
    advise,
  }),
  judge: (run, rule) =>
    run.outcomes.flatMap((outcome) => outcome.paths.map((path) => judgePath(run, outcome, path, rule))),
});
