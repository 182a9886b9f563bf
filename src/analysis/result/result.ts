import { exitCode } from '../../model/exit.ts';
import type { Finding, Verdict } from '../../model/finding.ts';
import type { BadRequests, FailureGroup, RunResult } from '../../model/result.ts';
import type { Case } from '../facts/case.ts';
import { failureGroups } from '../facts/failure-groups.ts';
import { MechanismBook } from '../facts/mechanisms/mechanisms.ts';
import { type Judgements, judge } from '../objectives/judge.ts';
import type { Criterion } from '../objectives/objective.ts';
import { Parts } from '../objectives/parts.ts';
import { recoveryFindingId } from '../objectives/recovery-time.ts';
import { homeOutages, wayHomeRows } from '../objectives/way-home.ts';
import type { Facts } from '../timeline/history.ts';
import { abortConditionsMet } from './aborts.ts';
import { flowsOf } from './flows.ts';
import { guidesOf } from './guides.ts';
import { kubeEventsOf } from './kube-events.ts';
import { NO_EJECTIONS, noSeries } from './nothing.ts';
import { predictionReview } from './prediction.ts';
import { queriesOf } from './queries.ts';
import { headline, reasonText, statusReasonOf, verdictOf } from './reason.ts';
import { storyOf } from './story.ts';
import { faultTimelines, latencyRows, recoveryRow, seriesOf } from './tables.ts';

function codeOf({ status, signal }: Facts, verdict: Verdict, putBack: boolean): number {
  return exitCode({ status, verdict, putBack, ...(signal !== undefined && { signal }) });
}

function recoveries(run: Case, findings: readonly Finding[]): RunResult['recoveries'] {
  const ids = new Set(findings.map((finding) => finding.id));
  return run.outcomes.flatMap(({ stage, paths }) =>
    paths.map((path) => {
      const id = recoveryFindingId(path.path.id, stage.index);
      return recoveryRow(path, stage, ids.has(id) ? id : undefined);
    }),
  );
}

function evidenceOf(
  run: Case,
  judgements: Judgements,
): Pick<RunResult, 'findings' | 'ladders' | 'evidence' | 'evidenceLeftOut'> {
  const ids = new Map(run.paths.map((path) => [path.index, path.id]));
  const { rows, leftOut } = run.evidence.rows(judgements.findings, ids);
  const known = new Set(rows.map((row) => row.id));
  const existing = (evidence: readonly string[]): string[] => evidence.filter((id) => known.has(id));
  return {
    findings: judgements.findings.map((finding) => ({ ...finding, evidence: existing(finding.evidence) })),
    ladders: judgements.ladders.map((ladder) => ({
      ...ladder,
      rungs: ladder.rungs.map((rung) => ({ ...rung, evidence: existing(rung.evidence) })),
    })),
    evidence: rows,
    evidenceLeftOut: leftOut,
  };
}

/** What was seen, whatever is made of it. */
function seenIn(
  run: Case,
  parts: Parts,
  mechanisms: MechanismBook,
): Pick<RunResult, 'faults' | 'series' | 'flows' | 'latency' | 'badRequests' | 'kubeEvents' | 'queries'> {
  const { facts } = run;
  const kubeEvents = parts.make('Events', () => kubeEventsOf(facts), undefined);
  const queries = parts.make('queries', () => queriesOf(facts), []);
  return {
    faults: parts.make('faults', () => faultTimelines(run), []),
    series: parts.make('series', () => seriesOf(run), noSeries(facts.end)),
    flows: parts.make('flows', () => flowsOf(run), []),
    latency: parts.make('latency', () => latencyRows(run), []),
    badRequests: badRequestsOf(run, parts, mechanisms),
    ...(kubeEvents !== undefined && { kubeEvents }),
    ...(queries.length > 0 && { queries }),
  };
}

function withoutEvidence({ findings, ladders }: Judgements): ReturnType<typeof evidenceOf> {
  return { findings: findings.map((one) => ({ ...one, evidence: [] })), ladders, evidence: [], evidenceLeftOut: 0 };
}

const NO_BAD = { first: [], rest: [] };

function badRequestsOf(run: Case, parts: Parts, mechanisms: MechanismBook): BadRequests {
  const told = parts.make('bad requests', () => run.listeners.failures.all.told(run.collector.texts), NO_BAD);
  const groups = parts.make('groups of bad requests', () => groupsOf(run, false, mechanisms), undefined);
  return { ...told, ...(groups !== undefined && { groups }) };
}

/** Groups of bad requests, with how the mesh let them fail. `counts`: those that an error budget counts, or the others. */
function groupsOf(run: Case, counts: boolean, mechanisms: MechanismBook): readonly FailureGroup[] {
  return failureGroups(
    run.listeners.failures.list((group) => group.counts === counts),
    run.collector.texts,
    (group) => mechanisms.of(group),
  );
}

/** Judges what was counted and puts the result together; what a bug breaks is left out, and said to be. */
export function resultOf(run: Case, objectives: readonly Criterion[]): RunResult {
  const { facts } = run;
  const parts = new Parts();
  const judgements = judge(run, objectives, parts);
  const { findings, putBack, budget, failbacks, ladders } = judgements;
  const verdict = verdictOf(facts, findings);
  const met = abortConditionsMet(facts.events);
  const reason = headline(facts, findings, objectives);
  const statusReason = statusReasonOf(facts, reason);
  const { faults: _, ...header } = facts.header;
  const effect = parts.make('T0', () => run.outcomes[0]?.effect, undefined);
  const guides = parts.make('guides', () => guidesOf(run, ladders), []);
  const mechanisms = new MechanismBook(run);
  const seen = seenIn(run, parts, mechanisms);
  const recoveryRows = parts.make('recoveries', () => recoveries(run, findings), []);
  const wayHome = parts.make('way home', () => wayHomeRows(homeOutages(run)), []);
  const ejections = parts.make('ejections', () => run.ejections, NO_EJECTIONS);
  const prediction = parts.make(
    'prediction',
    () => predictionReview(facts, { recoveries: recoveryRows, ladders, ejections, budget }),
    undefined,
  );
  const evidence = parts.make('evidence', () => evidenceOf(run, judgements), withoutEvidence(judgements));
  const story = parts.make('story', () => storyOf(run, judgements), []);
  return {
    format: 'faultline/result/v1',
    run: header,
    startedAt: facts.startedAt,
    duration: facts.end,
    status: facts.status,
    ...(statusReason !== undefined && { statusReason }),
    ...(met.length > 0 && { abortConditions: met }),
    verdict,
    exitCode: codeOf(facts, verdict, putBack.state !== 'incomplete'),
    reason: reasonText(facts, reason),
    ...(reason !== undefined && { reasonFinding: reason.id }),
    story: parts.told(story),
    putBack,
    ...(effect !== undefined && { zero: effect.hi, zeroFrom: effect.lo }),
    guides,
    phases: facts.phases,
    failbacks,
    recoveries: recoveryRows,
    wayHome,
    budget: parts.make('mechanisms', () => ({ ...budget, groups: groupsOf(run, true, mechanisms) }), budget),
    ejections,
    ...(prediction !== undefined && { prediction }),
    ...(facts.load?.dashboard !== undefined && { loadDashboard: facts.load.dashboard }),
    ...seen,
    ...evidence,
  };
}
