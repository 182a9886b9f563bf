import { expect } from 'chai';
import type { FaultStep, HistoryEvent } from '../../model/history.ts';
import { HistoryBuilder } from '../testing/history-builder.ts';
import { faultOn, headerOf } from '../testing/world.ts';
import { readFacts } from './history.ts';
import { stagesOf } from './stages.ts';

type Steps = Partial<Record<FaultStep, number>>;

function historyOf(faults: Readonly<Record<string, Steps>>): HistoryEvent[] {
  const headers = Object.keys(faults).map((name) => ({ ...faultOn('north-a'), name }));
  const durations = { baselineMs: 0, holdMs: 0, recoverMs: 0 };
  const expect = { steadyState: { goodAtLeast: 1 }, failoverOrder: [], ejections: [] };
  const history = new HistoryBuilder();
  history.at(0, {
    type: 'run-start',
    run: headerOf({ rate: 10, timeoutMs: 1000, latencyMs: 500, faults: headers, expect, durations }),
  });
  for (const [fault, steps] of Object.entries(faults)) {
    for (const [step, t] of Object.entries(steps))
      history.at(t * 1e6, { type: 'fault', fault, step: step as FaultStep });
  }
  return history.at(60e6, { type: 'run-end', status: 'completed' }).build();
}

const stages = (faults: Readonly<Record<string, Steps>>) =>
  stagesOf(readFacts(historyOf(faults))).map((stage) => ({
    faults: stage.faults.map(({ name }) => name),
    start: stage.start / 1e6,
    end: stage.end / 1e6,
    isProven: stage.isProven,
  }));

describe('analysis: stages', () => {
  it('faults injected one right after the other are one stage', () => {
    const result = stages({
      a: { requested: 10, acknowledged: 10.2, proven: 11, 'undo-requested': 40 },
      b: { requested: 11.1, acknowledged: 11.2, proven: 12, 'undo-requested': 41 },
    });
    expect(result).to.deep.equal([{ faults: ['a', 'b'], start: 10, end: 40, isProven: true }]);
  });

  it('a fault that comes when a recovery could be seen opens a stage; earlier faults stay on', () => {
    const result = stages({
      b: { requested: 20, acknowledged: 20.2, 'not-proven': 22, 'undo-requested': 41 },
      a: { requested: 10, acknowledged: 10.2, proven: 11, 'undo-requested': 40 },
    });
    expect(result).to.deep.equal([
      { faults: ['a'], start: 10, end: 20, isProven: true },
      { faults: ['b'], start: 20, end: 40, isProven: false },
    ]);
  });

  it('without an undo the last stage lasts to the end of the history', () => {
    expect(stages({ a: { requested: 10 } })[0]).to.deep.include({ end: 60, isProven: false });
    expect(stages({ a: {} })).to.deep.equal([]);
  });
});
