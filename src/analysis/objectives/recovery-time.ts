import type { Finding, Verdict } from '../../model/finding.ts';
import type { RecoveryObjective } from '../../model/scenario.ts';
import { type Case, finding } from '../case.ts';
import { eventId } from '../evidence.ts';
import { count, list, seconds, secondsInterval } from '../format.ts';
import { recoveryHint } from '../hints.ts';
import type { PathOutcome, StageOutcome } from '../recoveries.ts';
import { atBestInconclusive, judgeAtMost } from '../stats.ts';

type Judgement = { readonly verdict: Verdict; readonly cause?: string | undefined };

/** The findings of one stage beside the outcomes they judge. */
export function judgeRecoveryTime(it: Case, outcome: StageOutcome): Finding[] {
  const rule = it.scenario.expect.recoveryTime;
  return rule === undefined ? [] : outcome.paths.map((path) => judgePath(it, outcome, path, rule));
}

/** The id of the finding on one path; later stages say so, so that ids of one-stage scenarios stay as they were. */
export function recoveryFindingId(path: string, stage: number): string {
  return `recoveryTime/${path}${stage === 0 ? '' : `/stage-${stage + 1}`}`;
}

function reasonsAgainstPass(outcome: StageOutcome, path: PathOutcome): string[] {
  const reasons: string[] = [];
  if (path.unknown > 0) reasons.push(`${count(path.unknown, 'request')} of this path unknown while the fault was on`);
  if (!outcome.stage.isProven)
    reasons.push(
      'the fault was not proven to be on throughout, so nothing shows that there was anything to recover from',
    );
  return reasons;
}

/** An outage that only came back on a path which failed now and then before any fault cannot be charged to the fault. */
function isNoise(path: PathOutcome, limit: number): boolean {
  const first = path.tracker.firstRecovery;
  return path.badBefore > 0 && path.tracker.flaps > 0 && first?.hi != null && first.hi - path.clock <= limit;
}

function judgeOutcome(outcome: StageOutcome, path: PathOutcome, limit: number): Judgement {
  if (path.state === 'too-few-samples') return { verdict: 'inconclusive', cause: 'too few requests in this stage' };
  const verdict = path.span === undefined ? 'pass' : judgeAtMost(path.span.lo, path.span.hi, limit);
  const reasons = reasonsAgainstPass(outcome, path);
  if (verdict === 'fail' && isNoise(path, limit)) {
    return {
      verdict: 'inconclusive',
      cause: `this path failed now and then before any fault (${count(path.badBefore, 'time')})`,
    };
  }
  if (verdict === 'pass') {
    return reasons.length === 0 ? { verdict } : { verdict: atBestInconclusive(verdict), cause: reasons.join('; ') };
  }
  return { verdict, cause: causeOf(path, verdict) };
}

function causeOf(path: PathOutcome, verdict: Verdict): string {
  if (path.state === 'not-recovered') return 'not recovered when the stage ended';
  if (verdict === 'inconclusive') return 'the interval straddles the target: the requests were too far apart to tell';
  return path.tracker.flaps > 0
    ? `came back ${count(path.tracker.flaps, 'time')} after a recovery`
    : 'recovered too late';
}

function story(path: PathOutcome, limit: number): string {
  const { tracker, span } = path;
  const requests = count(tracker.total, 'request');
  if (path.state === 'too-few-samples') return `Only ${requests} on ${path.path.id} while the fault was on.`;
  if (span === undefined) return `None of ${requests} on ${path.path.id} failed: this path was not impacted.`;
  const flaps =
    tracker.flaps === 0 ? '' : ` It failed again ${count(tracker.flaps, 'time')}; the last recovery counts.`;
  const took = secondsInterval(span.lo, span.hi, limit);
  const bad = `${tracker.bad} of ${requests} bad`;
  return span.hi === null
    ? `${path.path.id} had not recovered after ${took.replace('more than ', '')} (${bad}); allowed are ${seconds(limit)} s.${flaps}`
    : `${path.path.id} recovered ${took} after the effect (${bad}); allowed are ${seconds(limit)} s.${flaps}`;
}

const TITLES: Readonly<Record<PathOutcome['state'], string>> = {
  'not-impacted': 'was not impacted',
  recovered: 'recovered',
  'not-recovered': 'did not recover',
  'too-few-samples': 'was hardly used',
};

function judgePath(it: Case, outcome: StageOutcome, path: PathOutcome, rule: RecoveryObjective): Finding {
  const limit = rule.withinMs * 1000;
  const { verdict, cause } = judgeOutcome(outcome, path, limit);
  const { stage } = outcome;
  const { tracker, span } = path;
  const marks = stage.faults.flatMap((fault) =>
    fault.events.filter(
      (event) => event.step === 'acknowledged' || event.step === 'proven' || event.step === 'not-proven',
    ),
  );
  return finding({
    id: recoveryFindingId(path.path.id, stage.index),
    objective: 'recoveryTime',
    subject: path.path.id,
    verdict,
    title: `${path.path.id} ${verdict === 'fail' && path.state === 'recovered' ? 'recovered too late' : TITLES[path.state]}${stage.index > 0 ? ` after ${list(stage.faults.map((f) => f.name))}` : ''}`,
    story: story(path, limit),
    ...(span !== undefined && {
      measured: { lo: span.lo / 1e6, hi: span.hi === null ? null : span.hi / 1e6, unit: 's' as const },
    }),
    target: { op: '<=', value: rule.withinMs / 1000, unit: 's' },
    samples: tracker.total,
    evidence: [
      ...marks.map(eventId).slice(0, 4),
      ...it.evidence.requests(
        tracker.firstBad,
        tracker.lastBad,
        path.state === 'recovered' ? tracker.firstGood : undefined,
      ),
    ],
    cause,
    hint: recoveryHint(it, stage, path),
  });
}
