import type { RunHeader } from '../../model/history.ts';
import type { RecordedScenario } from '../../model/scenario.ts';

const NOTHING: RecordedScenario = {
  name: 'unknown',
  annotations: {},
  hypothesis: 'Unknown: the history has no first event.',
  load: {
    paths: [],
    ratePerSecond: 1,
    timeoutMs: 10_000,
    connections: 'kept',
    chain: { from: { kind: 'body' }, hop: '' },
    good: { status: 200, chain: [], latencyMs: 10_000 },
  },
  phases: { baselineMs: 0, holdMs: 0, recoverMs: 0 },
  faults: [],
  expect: { steadyState: { goodAtLeast: 1 }, failoverOrder: [], ejections: [] },
  source: { file: '', text: '', sha256: '' },
};

/** Stands in for the header of a history that lost its first event, so that there is a result to read all the same. */
export function emptyHeader(): RunHeader {
  return {
    runId: 'unknown',
    tool: { name: 'faultline', version: 'unknown' },
    target: { name: 'unknown', kind: 'clusters' },
    scenario: NOTHING,
    topology: { clusters: [], paths: [] },
    versions: {},
    command: '',
    faults: [],
  };
}
