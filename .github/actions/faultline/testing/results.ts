import type { Finding, Result } from '../lib/runs.mjs';

/** A scenario with its objectives in lines 6 and 7, and the name of its fault in line 4. */
export const SCENARIO = [
  'metadata: {name: shop}',
  'spec:',
  '  faults:',
  '    - name: mockb-down',
  '  expect:',
  '    recoveryTime: {within: 5s}',
  '    errorBudget: {total: 3}',
  '',
].join('\n');

/** What a run of it has come to. */
export function resultOf(verdict: Result['verdict'], exitCode: number, findings: readonly Finding[] = []): Result {
  const source = { file: 'drills/shop.yaml', text: SCENARIO };
  return {
    verdict,
    exitCode,
    findings,
    reason: 'because of | <b>this</b>\n::error::and that',
    putBack: { state: 'put-back', detail: 'Every fault was undone.' },
    run: { runId: 'r', scenario: { name: 'shop', source } },
  };
}

export function findingOf(objective: string, verdict: Finding['verdict'], subject = 'entry'): Finding {
  return { objective, verdict, subject, title: `of ${objective}`, story: 'line one\nline two, 100 %' };
}
