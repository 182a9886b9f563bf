import type { Finding } from '../../model/finding.ts';
import { type Case, finding, ownZoneHops, tally } from '../case.ts';
import { eventId } from '../evidence.ts';
import { count, percent } from '../format.ts';
import { atBestInconclusive, judgeShare } from '../stats.ts';

function judgeGood(it: Case): Finding {
  const target = it.scenario.expect.steadyState.goodAtLeast;
  const { good, bad, unknown } = tally(it, it.paths, it.windows.baseline);
  const judged = judgeShare(good, good + bad, target);
  const share = good + bad === 0 ? 0 : good / (good + bad);
  return finding({
    objective: 'steadyState',
    subject: 'good',
    verdict: unknown > 0 ? atBestInconclusive(judged.verdict) : judged.verdict,
    title: 'Requests were good before the fault',
    story: `${good} of ${count(good + bad, 'request')} in the baseline were good (${percent(share, target)}); at least ${percent(target)} is steady.`,
    measured: { lo: judged.lo * 100, hi: judged.hi * 100, unit: '%' },
    target: { op: '>=', value: target * 100, unit: '%' },
    samples: good + bad,
    evidence: baselineEvents(it),
    cause: judged.cause ?? (unknown > 0 ? `${count(unknown, 'request')} of the baseline unknown` : undefined),
    hint: 'A system that is not steady before the fault cannot be judged after it: look at the failures of the baseline first.',
  });
}

function judgeSameZone(it: Case, target: number): Finding {
  const { own, all } = ownZoneHops(it, it.paths, it.windows.baseline);
  const judged = judgeShare(own, all, target);
  return finding({
    objective: 'steadyState',
    subject: 'sameZone',
    verdict: judged.verdict,
    title: 'Calls stayed in their own zone before the fault',
    story: `${own} of ${count(all, 'hop')} in the baseline were served in the caller's own zone (${percent(all === 0 ? 0 : own / all, target)}); at least ${percent(target)} is steady.`,
    measured: { lo: judged.lo * 100, hi: judged.hi * 100, unit: '%' },
    target: { op: '>=', value: target * 100, unit: '%' },
    samples: all,
    evidence: baselineEvents(it),
    cause: all === 0 ? 'no response carried a call chain' : judged.cause,
    hint: 'localityLbSetting needs outlierDetection in the DestinationRule, and nodes need topology.kubernetes.io/zone and region labels.',
  });
}

function baselineEvents(it: Case): string[] {
  return it.facts.events
    .filter(
      (event) =>
        ('phase' in event && event.phase === 'baseline') || (event.type === 'steady-state' && event.when === 'before'),
    )
    .map(eventId);
}

/** Was the system steady in the baseline, before anything was injected? */
export function judgeSteadyState(it: Case): Finding[] {
  const { sameZoneAtLeast } = it.scenario.expect.steadyState;
  const findings = [judgeGood(it)];
  if (sameZoneAtLeast !== undefined) findings.push(judgeSameZone(it, sameZoneAtLeast));
  return findings;
}
