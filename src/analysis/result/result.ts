import { exitCode } from '../../model/exit.ts';
import type { Finding, Verdict } from '../../model/finding.ts';
import type { RunResult } from '../../model/result.ts';
import type { Case } from '../facts/case.ts';
import { type Judgements, judge } from '../objectives/index.ts';
import { recoveryFindingId } from '../objectives/recovery-time.ts';
import { homeOutages, wayHomeRows } from '../objectives/way-home.ts';
import type { Facts } from '../timeline/history.ts';
import { guidesOf } from './guides.ts';
import { headline, reasonText, verdictOf } from './reason.ts';
import { storyOf } from './story.ts';
import { faultTimelines, latencyRows, recoveryRow, seriesOf } from './tables.ts';

function codeOf({ status, signal }: Facts, verdict: Verdict, putBack: boolean): number {
  return exitCode({ status, verdict, putBack, ...(signal !== undefined && { signal }) });
}

function recoveries(it: Case, findings: readonly Finding[]): RunResult['recoveries'] {
  const ids = new Set(findings.map((finding) => finding.id));
  return it.outcomes.flatMap(({ stage, paths }) =>
    paths.map((path) => {
      const id = recoveryFindingId(path.path.id, stage.index);
      return recoveryRow(path, stage, ids.has(id) ? id : undefined);
    }),
  );
}

function evidenceOf(
  it: Case,
  judgements: Judgements,
): Pick<RunResult, 'findings' | 'ladders' | 'evidence' | 'evidenceLeftOut'> {
  const ids = new Map(it.paths.map((path) => [path.index, path.id]));
  const { rows, leftOut } = it.evidence.rows(judgements.findings, ids);
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

/** Judges what was counted and puts the result together. */
export function resultOf(it: Case): RunResult {
  const { facts } = it;
  const judgements = judge(it);
  const { findings, putBack, budget, failbacks } = judgements;
  const verdict = verdictOf(facts, findings);
  const reason = headline(facts, findings);
  const { faults: _, ...run } = facts.header;
  const effect = it.outcomes[0]?.effect;
  return {
    format: 'faultline/result/v1',
    run,
    startedAt: facts.startedAt,
    duration: facts.end,
    status: facts.status,
    ...(facts.statusReason !== undefined && { statusReason: facts.statusReason }),
    verdict,
    exitCode: codeOf(facts, verdict, putBack.state !== 'incomplete'),
    reason: reasonText(facts, reason),
    ...(reason !== undefined && { reasonFinding: reason.id }),
    story: storyOf(it, judgements),
    putBack,
    ...(effect !== undefined && { zero: effect.hi, zeroFrom: effect.lo }),
    guides: guidesOf(it, judgements.ladders),
    phases: facts.phases,
    faults: faultTimelines(it),
    series: seriesOf(it),
    failbacks,
    recoveries: recoveries(it, findings),
    wayHome: wayHomeRows(homeOutages(it)),
    budget,
    latency: latencyRows(it),
    ejections: it.ejections,
    ...(facts.load?.dashboard !== undefined && { loadDashboard: facts.load.dashboard }),
    ...evidenceOf(it, judgements),
  };
}
