import type { Finding } from '../../model/finding.ts';
import type { EjectionObjective } from '../../model/scenario.ts';
import { atLeastOne, integer, mapping, oneOrMore } from '../../schema/builders.ts';
import { type ClauseProblems, clause } from '../../schema/clause.ts';
import type { Draft } from '../../schema/draft.ts';
import { calledService } from '../../schema/names.ts';
import { asList, several } from '../../schema/one-or-more.ts';
import type { Decoded } from '../../schema/schema.ts';
import type { Case } from '../facts/case.ts';
import { doubtAboutRun } from '../facts/effects.ts';
import { type EjectionCoverage, ejectionCoverage } from '../facts/ejection-coverage.ts';
import type { ServiceEjections } from '../facts/ejections.ts';
import { eventId, MAX_PER_FINDING } from '../facts/evidence.ts';
import { count } from '../facts/format.ts';
import { doubtAboutPlaces } from './doubt-about-places.ts';
import { finding, type Judgement, unlessDoubted } from './finding.ts';
import { lostText } from './hints.ts';
import { objective } from './objective.ts';

const rule = mapping(
  'Outlier ejections of a service, seen by its callers from injection to the end of the undo.',
  {
    required: { service: calledService('The service whose endpoints are ejected.') },
    optional: {
      atLeast: integer('Fewest ejections.', 0, 1_000_000, 1),
      atMost: integer('Most ejections.', 0, 1_000_000, 0),
    },
  },
  atLeastOne('atLeast', 'atMost'),
);

const schema = oneOrMore('Ejections that must, or must not, happen.', rule);

function check(draft: Draft<Decoded<typeof schema>>, problems: ClauseProblems): void {
  const rules = several(draft, []);
  const services = rules.map(({ value, path }) => ({ key: value.service, path: [...path, 'service'] }));
  problems.distinct('the ejections of', services);
  for (const { value, path } of rules) {
    const { service, atLeast, atMost } = value;
    problems.service([...path, 'service'], service);
    if (atLeast === undefined || atMost === undefined || atLeast <= atMost) continue;
    const message = `atMost is ${atMost}, but atLeast is ${atLeast}: nothing can be both`;
    problems.error('FIELD_VALUE', [...path, 'atMost'], message);
  }
}

/** At least those that concern the fault and were read; at most all that may have been. */
type Bounds = { readonly lo: number; readonly hi: number | null };

function boundsOf(seen: ServiceEjections, coverage: EjectionCoverage): Bounds {
  return { lo: seen.concerned.lo, hi: coverage.complete ? seen.enforced.hi : null };
}

function judge(
  rule: EjectionObjective,
  seen: ServiceEjections,
  { lo, hi }: Bounds,
  coverage: EjectionCoverage,
  isSeen: boolean,
): Judgement {
  if (rule.atMost !== undefined && lo > rule.atMost) return { verdict: 'fail', cause: 'more ejections than allowed' };
  const isEnough = rule.atLeast === undefined || lo >= rule.atLeast;
  const isFew = rule.atMost === undefined || (hi !== null && hi <= rule.atMost);
  if (isEnough && isFew) return { verdict: 'pass' };
  if (hi === null)
    return { verdict: 'inconclusive', cause: `not every calling proxy could be read: ${coverage.detail}` };
  if (!isEnough && hi < (rule.atLeast ?? 0)) return { verdict: 'fail', cause: 'fewer ejections than asked for' };
  if (seen.enforced.lo > seen.concerned.lo) {
    const others = seen.enforced.lo - seen.concerned.lo;
    return {
      verdict: 'inconclusive',
      cause: `${count(others, 'ejection')} by proxies whose calls the fault does not concern`,
    };
  }
  if (isSeen) {
    const cause = `hosts of ${rule.service} left the lists of proxies, and nothing tells whether they were ejected in their last second`;
    return { verdict: 'inconclusive', cause };
  }
  return {
    verdict: 'inconclusive',
    cause: 'counters fell in between, so some of what they show may be older than the fault',
  };
}

/** A hint only from what was recorded. */
function hintOf(
  run: Case,
  rule: EjectionObjective,
  seen: ServiceEjections,
  coverage: EjectionCoverage,
): string | undefined {
  const where = `in the DestinationRule of ${rule.service}`;
  if (seen.overflow > 0) {
    return `${count(seen.overflow, 'ejection')} ran into outlierDetection.maxEjectionPercent ${where} (ejections_overflow): with few hosts a small percentage is less than one host.`;
  }
  const lost = lostText(run, rule.service);
  if (lost !== undefined) return `${lost}: somebody deleted or edited its DestinationRule.`;
  const isSeen = run.facts.ejectionsBySight.size > 0;
  if (isSeen && seen.enforced.lo === 0 && coverage.complete) {
    return `No proxy was seen to eject anything: no outlierDetection ${where}, a maxEjectionPercent below one host, or traffic moved because endpoints were removed, which is no ejection. \`faultline lint\` reads the rule; proxyStatsMatcher with .*outlier_detection.* would tell more.`;
  }
  if (!isSeen && seen.enforced.hi === 0 && coverage.complete) {
    return `No proxy ejected anything: no outlierDetection ${where}, or traffic moved because endpoints were removed, which is no ejection.`;
  }
  return undefined;
}

function judgeService(run: Case, rule: EjectionObjective): Finding {
  const seen = run.ejectionsOf(rule.service);
  const coverage = ejectionCoverage(run.facts);
  const bounds = boundsOf(seen, coverage);
  const isSeen = run.facts.ejectionsBySight.size > 0;
  const doubt = doubtAboutPlaces(run) ?? doubtAboutRun(run);
  const { verdict, cause } = unlessDoubted(judge(rule, seen, bounds, coverage, isSeen), doubt);
  const asked = [
    ...(rule.atLeast === undefined ? [] : [`at least ${rule.atLeast}`]),
    ...(rule.atMost === undefined ? [] : [`at most ${rule.atMost}`]),
  ].join(' and ');
  const { lo, hi } = seen.enforced;
  const more = hi > lo ? `; ${hi - lo} more may have been in the last second of hosts that left` : '';
  const source = isSeen ? `, as the state of their hosts showed once a second${more}` : '';
  const enforced =
    isSeen || seen.enforced.lo === seen.enforced.hi
      ? `${seen.enforced.lo}`
      : `${seen.enforced.lo} to ${seen.enforced.hi}`;
  const concerned =
    seen.concerned.lo === seen.enforced.lo ? '' : `, ${seen.concerned.lo} of them where the fault concerns the callers`;
  return finding({
    objective: 'ejections',
    subject: rule.service,
    verdict,
    title: `Ejections of ${rule.service}`,
    story: `${seen.callers} calling ${seen.callers === 1 ? 'proxy' : 'proxies'} enforced ${enforced} ejection${enforced === '1' ? '' : 's'} of ${rule.service} from injection to the end of the undo${concerned}${source}; expected ${asked}.`,
    measured: { lo: Math.min(bounds.lo, bounds.hi ?? bounds.lo), hi: bounds.hi, unit: 'count' },
    target: { op: rule.atLeast === undefined ? '<=' : '>=', value: rule.atLeast ?? rule.atMost ?? 0, unit: 'count' },
    samples: seen.read,
    evidence: [
      ...[...run.facts.ejections, ...run.facts.refEjections]
        .filter((event) => event.service === rule.service)
        .map(eventId)
        .slice(0, MAX_PER_FINDING),
      ...(isSeen ? run.facts.callsTelemetry : run.facts.telemetry).map(eventId).slice(0, 4),
    ],
    cause,
    hint: doubt === undefined ? hintOf(run, rule, seen, coverage) : undefined,
  });
}

/** Did the callers that the fault concerns eject as often as expected? */
export const ejections = objective({
  name: 'ejections',
  title: 'Ejections',
  counts: 'proxy',
  clause: clause({ schema, read: (written): readonly EjectionObjective[] => asList(written), check }),
  judge: (run, rules) => rules.map((rule) => judgeService(run, rule)),
});
