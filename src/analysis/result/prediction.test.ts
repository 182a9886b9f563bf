import { expect } from 'chai';
import type { HistoryEvent } from '../../model/history.ts';
import type { ComparedValue, Prediction } from '../../model/prediction.ts';
import type { Ladder, Recovery } from '../../model/result.ts';
import { readFacts } from '../timeline/history.ts';
import { NO_EJECTIONS } from './nothing.ts';
import { predictionReview } from './prediction.ts';

const PATH = 'entry@tokyo/a';

const PREDICTED: Prediction = {
  state: 'predicted',
  draws: 100,
  stages: [
    {
      faults: ['swap'],
      callers: [
        {
          service: 'mockb',
          namespace: 'default',
          fromZone: 'a',
          bad: { lo: 2, hi: 22 },
          early: 0,
          places: [
            { zone: 'a', region: 'r', share: { lo: 0.6, hi: 0.75 }, serving: 1, before: 2 },
            { zone: 'b', region: 'r', share: { lo: 0.1, hi: 0.2 }, serving: 1, before: 1 },
            { zone: 'c', region: 'r', share: { lo: 0.1, hi: 0.2 }, serving: 1, before: 1 },
          ],
          why: [],
        },
      ],
      paths: [{ path: PATH, bad: { lo: 2, hi: 22 }, out: { lo: 0.1, hi: 1.2 } }],
    },
  ],
  ejections: [{ service: 'mockb', enforced: { lo: 1, hi: 1 } }],
  assumptions: [],
};

const RECOVERY: Recovery = {
  path: PATH,
  stage: 1,
  faults: ['swap'],
  acknowledged: 0,
  effective: 0,
  state: 'recovered',
  flaps: 0,
  bad: 21,
  doubtful: 0,
  total: 100,
  badTime: 0,
  lasted: { lo: 1_000_000, hi: 1_100_000 },
};

const RUNG: Ladder['rungs'][number] = {
  place: { zone: 'a' },
  origin: 'declared',
  capacity: 1,
  expectedShare: 0.6,
  share: 0.7,
  hits: 700,
  state: 'took-over',
  evidence: [],
};

const LADDER: Ladder = {
  id: 'x',
  service: 'mockb',
  fromZone: 'a',
  faults: ['swap'],
  stage: 1,
  start: 0,
  end: 1,
  rungs: [RUNG, { ...RUNG, place: { region: 'r' }, hits: 300 }],
  samples: 1000,
  finding: 'x',
};

const BUDGET = {
  good: 0,
  bad: 0,
  unknown: 0,
  window: { start: 0, end: 1 },
  paths: [{ path: PATH, good: 0, bad: 21, unknown: 0, doubtful: 0 }],
  callers: [],
  notAsked: [],
  groups: [],
};

const EJECTED = { service: 'mockb', enforced: 1, concerned: 1, callers: 1, maxActive: 1, overflow: 0 };
const MEASURED: Parameters<typeof predictionReview>[1] = {
  recoveries: [RECOVERY],
  ladders: [LADDER],
  ejections: { ...NO_EJECTIONS, readable: true, services: [EJECTED] },
  budget: BUDGET,
};

function states(change: Partial<typeof MEASURED> = {}, prediction = PREDICTED, status = 'completed') {
  const stamp = { seq: 1, t: 1, wall: '' };
  const events = [
    { ...stamp, type: 'prediction', prediction },
    { ...stamp, type: 'run-end', status },
  ] as HistoryEvent[];
  const review = predictionReview(readFacts(events), { ...MEASURED, ...change });
  return Object.fromEntries((review?.compared ?? []).map(({ id, state }: ComparedValue) => [id, state]));
}

describe('what was predicted beside what was measured', () => {
  it('agrees where it lies inside, a region being its zones that have no rung of their own', () => {
    expect(states()).to.deep.equal({
      [`prediction/bad/${PATH}/stage-1`]: 'inside',
      [`prediction/out/${PATH}/stage-1`]: 'inside',
      'prediction/share/mockb/a/a/stage-1': 'inside',
      'prediction/share/mockb/a/r/stage-1': 'inside',
      'prediction/ejections/mockb': 'inside',
    });
  });

  it('counts a place once, where the order names the zone of the callers, which stands in front of every order', () => {
    const [own, region] = LADDER.rungs as [typeof RUNG, typeof RUNG];
    const ladders = [{ ...LADDER, rungs: [{ ...own, origin: 'home' as const }, { ...RUNG, hits: 0 }, region] }];
    expect(states({ ladders })).to.deep.equal(states());
  });

  it('is missed where it does not, each by its own name', () => {
    const recoveries = [{ ...RECOVERY, bad: 23, lasted: { lo: 1_000_000, hi: 1_300_000 } }];
    const ladders = [{ ...LADDER, rungs: [{ ...RUNG, hits: 900 }] }];
    const ejections = { ...MEASURED.ejections, services: [{ ...EJECTED, enforced: 2 }] };
    expect(states({ recoveries, ladders, ejections })).to.deep.equal({
      [`prediction/bad/${PATH}/stage-1`]: 'missed',
      [`prediction/out/${PATH}/stage-1`]: 'missed',
      'prediction/share/mockb/a/a/stage-1': 'missed',
      'prediction/ejections/mockb': 'missed',
    });
  });

  it('is missed where an outage had no end and was to have one, and where there was none', () => {
    const id = `prediction/out/${PATH}/stage-1`;
    expect(states({ recoveries: [{ ...RECOVERY, lasted: { lo: 500_000, hi: null } }] })[id]).to.equal('missed');
    const { lasted, ...calm } = RECOVERY;
    expect(lasted).to.not.equal(undefined);
    expect(states({ recoveries: [{ ...calm, bad: 0, state: 'not-impacted' }] })[id]).to.equal('missed');
  });

  it('counts requests that nothing is known about as bad ones that may have been, and measures no outage then', () => {
    const budget = { ...BUDGET, paths: [{ path: PATH, good: 0, bad: 0, unknown: 5, doubtful: 0 }] };
    const found = states({ budget, recoveries: [{ ...RECOVERY, bad: 0 }] });
    expect(found[`prediction/bad/${PATH}/stage-1`]).to.equal('inside');
    expect(found[`prediction/out/${PATH}/stage-1`]).to.equal('not-measured');
  });

  it('is not measured by another stage, an unreadable statistic or a run that did not complete', () => {
    const other = states({ recoveries: [{ ...RECOVERY, faults: ['other'] }], ejections: NO_EJECTIONS, ladders: [] });
    expect(Object.values(other)).to.deep.equal(['not-measured', 'not-measured', 'not-measured']);
    expect(new Set(Object.values(states({}, PREDICTED, 'aborted')))).to.deep.equal(new Set(['not-measured']));
  });

  it('is nothing where nothing was predicted', () => {
    expect(states({}, { state: 'not-predicted', reason: 'x' })).to.deep.equal({});
    expect(predictionReview(readFacts([]), MEASURED)).to.equal(undefined);
  });
});
