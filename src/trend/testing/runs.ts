import type { FoundRuns } from '../gate/found.ts';
import type { Requirements } from '../gate/requirements.ts';
import type { RecordedRun } from '../recorded-run.ts';

/** A recorded run that passed, recovered in a second and had one bad request of a thousand. */
export function runOf(changes: Partial<RecordedRun> = {}): RecordedRun {
  return {
    path: 'reports/20261101t090000z-aaaa/result.json',
    runId: '20261101t090000z-aaaa',
    scenario: { name: 'service-failover', sha256: '55a094b378e1' },
    target: { name: 'staging', kind: 'clusters' },
    versions: { faultline: '0.1.0', istio: '1.31.0' },
    startedAt: '2026-11-01T09:00:00.000Z',
    outcome: 'pass',
    exitCode: 0,
    reason: 'All findings pass.',
    findings: [{ id: 'recoveryTime/entry', objective: 'recoveryTime', verdict: 'pass' }],
    recovery: { lo: 0.9, hi: 1 },
    errors: { bad: 1, doubtful: 0, unknown: 0, all: 1000 },
    ...changes,
  };
}

export const FAILED: Partial<RecordedRun> = {
  outcome: 'fail',
  exitCode: 1,
  findings: [{ id: 'errorBudget/perCaller', objective: 'errorBudget', verdict: 'fail' }],
};
export const OPEN: Partial<RecordedRun> = { outcome: 'inconclusive', exitCode: 6, findings: [] };
export const UNTESTED: Partial<RecordedRun> = { outcome: 'not-tested', exitCode: 3, findings: [] };

/** So many runs, each with its own id. */
export function runsOf(count: number, changes: Partial<RecordedRun> = {}, prefix = 'a'): RecordedRun[] {
  return Array.from({ length: count }, (_, i) =>
    runOf({ ...changes, runId: `${prefix}${i}`, path: `reports/${prefix}${i}/result.json` }),
  );
}

export const found = (...runs: readonly RecordedRun[]): FoundRuns => ({
  runs,
  unreadable: [],
  repeated: [],
  leftBehind: [],
});

export const REQUIRED: Requirements = { confidence: 0.95, passRate: 0.95, maxUndecided: { runs: 0 } };
