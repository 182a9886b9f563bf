import type { Finding, Verdict } from '../../model/finding.ts';
import type { EjectionObjective } from '../../model/scenario.ts';
import { type Case, finding } from '../case.ts';
import { eventId, MAX_PER_FINDING } from '../evidence.ts';
import { count } from '../format.ts';

type Judgement = { readonly verdict: Verdict; readonly cause?: string };

function judge(it: Case, rule: EjectionObjective, enforced: number, isProven: boolean): Judgement {
  if (it.facts.firstInject === undefined) return { verdict: 'inconclusive', cause: 'nothing was injected' };
  if (rule.atMost !== undefined && enforced > rule.atMost)
    return { verdict: 'fail', cause: 'more ejections than allowed' };
  const isEnough = rule.atLeast === undefined || enforced >= rule.atLeast;
  if (!it.ejections.readable && !(isEnough && rule.atMost === undefined)) {
    return { verdict: 'inconclusive', cause: `the outlier statistics could not be read: ${it.ejections.detail}` };
  }
  if (isEnough) return { verdict: 'pass' };
  return isProven
    ? { verdict: 'fail', cause: 'fewer ejections than asked for' }
    : { verdict: 'inconclusive', cause: 'the fault is not proven, so nothing had to be ejected' };
}

function judgeService(it: Case, rule: EjectionObjective, isProven: boolean): Finding {
  const row = it.ejections.services.find(({ service }) => service === rule.service);
  const enforced = row?.enforced ?? 0;
  const { verdict, cause } = judge(it, rule, enforced, isProven);
  const op = rule.atLeast === undefined ? '<=' : '>=';
  const asked = [
    ...(rule.atLeast === undefined ? [] : [`at least ${rule.atLeast}`]),
    ...(rule.atMost === undefined ? [] : [`at most ${rule.atMost}`]),
  ].join(' and ');
  return finding({
    objective: 'ejections',
    subject: rule.service,
    verdict,
    title: `Ejections of ${rule.service}`,
    story: `${count(row?.callers ?? 0, 'calling proxy').replace('proxys', 'proxies')} enforced ${count(enforced, 'ejection')} of ${rule.service} from injection to the end of the undo; expected ${asked}.`,
    measured: { lo: enforced, hi: it.ejections.readable ? enforced : null, unit: 'count' },
    target: { op, value: rule.atLeast ?? rule.atMost ?? 0, unit: 'count' },
    samples: it.ejections.changes.filter((change) => change.service === rule.service).length,
    evidence: [
      ...it.facts.ejections
        .filter((event) => event.service === rule.service)
        .map(eventId)
        .slice(0, MAX_PER_FINDING),
      ...it.facts.telemetry.map(eventId).slice(0, 4),
    ],
    cause,
    hint:
      enforced === 0
        ? `no outlierDetection in the DestinationRule of ${rule.service}, or traffic moved because its endpoints were removed, which is no ejection`
        : 'outlierDetection.maxEjectionPercent and consecutive5xxErrors decide how many pods are ejected',
  });
}

/** Did the mesh eject as often as expected? `isProven`: every fault's effect is established. */
export function judgeEjections(it: Case, isProven: boolean): Finding[] {
  return it.scenario.expect.ejections.map((rule) => judgeService(it, rule, isProven));
}
