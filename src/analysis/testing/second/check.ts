import type { Finding } from '../../../model/finding.ts';
import type { RunResult } from '../../../model/result.ts';
import type { TruthRun } from './truth.ts';

export type Complaint = {
  readonly kind: 'false-pass' | 'false-fail' | 'wrong-reason' | 'interval-misses' | 'timid';
  readonly text: string;
};

/** What is wrong with a judgement, by what is known of the run. Empty when nothing is. */
export function check(run: TruthRun, result: RunResult): readonly Complaint[] {
  return [...verdict(run, result), ...failures(run, result), ...findings(run, result), ...intervals(run, result)];
}

function short(finding: Finding): string {
  return `${finding.id}: ${finding.verdict}, ${finding.cause ?? finding.story}`.slice(0, 300);
}

function verdict({ truth }: TruthRun, result: RunResult): Complaint[] {
  if (truth.verdicts.includes(result.verdict)) return [];
  const text = `${result.verdict}, true is ${truth.verdicts.join(' or ')}: ${result.reason}`;
  if (result.verdict === 'pass') return [{ kind: 'false-pass', text }];
  if (result.verdict === 'fail') return [{ kind: 'false-fail', text }];
  return truth.timid || !truth.verdicts.includes('fail') ? [{ kind: 'timid', text }] : [];
}

function failures({ truth }: TruthRun, result: RunResult): Complaint[] {
  const failed = result.findings.filter((finding) => finding.verdict === 'fail');
  const mayFail = (objective: string) =>
    truth.failures?.some((name) => name === objective) ?? truth.verdicts.includes('fail');
  const wrong = failed.filter((finding) => !mayFail(finding.objective));
  const complaints: Complaint[] = wrong.map((finding) => ({ kind: 'false-fail', text: short(finding) }));
  const wanted: readonly string[] | undefined = truth.mustFail;
  if (result.verdict !== 'fail' || wanted === undefined) return complaints;
  if (failed.some((finding) => wanted.includes(finding.objective))) return complaints;
  return [...complaints, { kind: 'wrong-reason', text: `failed for ${failed.map(short).join('; ')}` }];
}

function findings({ truth }: TruthRun, result: RunResult): Complaint[] {
  const named = (name: string) =>
    result.findings.filter((finding) => finding.objective === name || finding.id === name);
  const complaints: Complaint[] = [];
  for (const name of truth.mustPass ?? []) {
    for (const finding of named(name)) {
      if (finding.verdict === 'fail') complaints.push({ kind: 'false-fail', text: short(finding) });
      if (finding.verdict === 'inconclusive') complaints.push({ kind: 'timid', text: short(finding) });
    }
  }
  for (const name of truth.mustNotPass ?? []) {
    if (named(name).every((finding) => finding.verdict === 'pass')) {
      complaints.push({ kind: 'false-pass', text: `no finding of ${name} doubts it` });
    }
  }
  return complaints;
}

function outside(value: number, lo: number, hi: number | null | undefined): boolean {
  return value < lo || (hi !== null && hi !== undefined && value > hi);
}

function intervals({ truth }: TruthRun, result: RunResult): Complaint[] {
  const texts: string[] = [];
  const { zero, zeroFrom } = result;
  if (truth.effect !== undefined && zero !== undefined && outside(truth.effect, zeroFrom ?? zero, zero)) {
    texts.push(`T0 is ${truth.effect}, told as ${zeroFrom ?? 'exactly'} to ${zero}`);
  }
  const { recovery } = truth;
  const row = result.recoveries.find((r) => r.path === recovery?.path && r.stage === recovery.stage);
  if (recovery === undefined || row === undefined) return texts.map((text) => ({ kind: 'interval-misses', text }));
  const { recovered, lasted } = row;
  if (recovery.lateness !== undefined && truth.effect !== undefined && recovered !== undefined) {
    const at = truth.effect + recovery.lateness;
    if (outside(at, recovered.lo, recovered.hi)) {
      texts.push(`recovered at ${at}, told as ${recovered.lo} to ${recovered.hi} (${recovery.path})`);
    }
  }
  if (recovery.length !== undefined && lasted !== undefined && outside(recovery.length, lasted.lo, lasted.hi)) {
    texts.push(`lasted ${recovery.length}, told as ${lasted.lo} to ${lasted.hi} (${recovery.path})`);
  }
  return texts.map((text) => ({ kind: 'interval-misses', text }));
}
