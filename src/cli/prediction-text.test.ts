import { expect } from 'chai';
import type { PredictedCaller, Prediction } from '../model/prediction.ts';
import { describePrediction } from './prediction-text.ts';

const place = (zone: string, lo: number, hi: number, serving: number) => ({
  zone,
  region: 'r',
  share: { lo, hi },
  serving,
  before: 1,
});

const HIT: PredictedCaller = {
  service: 'mockb',
  namespace: 'default',
  fromZone: 'a',
  bad: { lo: 2, hi: 22 },
  out: { lo: 0.1, hi: 1.2 },
  early: 0.3,
  places: [place('a', 0, 0, 0), place('b', 1, 1, 1)],
  why: ['the merge window costs 1 s here'],
};
const CALM: PredictedCaller = {
  ...{ service: 'mockb', namespace: 'default', fromZone: 'b', bad: { lo: 0, hi: 0 }, early: 0, why: [] },
  places: [place('b', 1, 1, 1)],
};

function textOf(...callers: PredictedCaller[]): string {
  const stages = [{ faults: ['down'], callers, paths: [] }];
  const prediction: Prediction = { state: 'predicted', draws: 40, stages, ejections: [], assumptions: ['luck'] };
  return describePrediction(prediction).join('\n');
}

describe('a prediction in a plan', () => {
  it('says what callers of a zone will see, where they go, what is left and why', () => {
    expect(textOf(HIT)).to.equal(
      [
        'Prediction (95 % of 40 draws of the mesh model)',
        '  With down',
        '    callers of mockb in a: 2 to 22 bad, out for 0.10 to 1.20 s',
        '      then served by b 100 %; left: 0 of 1 in a, 1 of 1 in b',
        '      the merge window costs 1 s here',
        '  Taken for granted: luck',
      ].join('\n'),
    );
  });

  it('keeps callers that notice nothing to one line', () => {
    expect(textOf(CALM)).to.contain('callers in b: nothing changes').and.not.contain('callers of mockb in b');
  });

  it('says of which service it is where there are several, and no zone twice in a line', () => {
    const other = { ...CALM, service: 'mocka' };
    const lines = textOf(HIT, CALM, other, { ...other, fromZone: 'c', places: [place('c', 1, 1, 1)] }).split('\n');
    expect(lines.filter((line) => line.includes('nothing changes'))).to.deep.equal([
      '    callers of mockb in b: nothing changes',
      '    callers of mocka in b, c: nothing changes',
    ]);
  });

  it('says that failures have no end, that nobody serves, that no service is hit', () => {
    const lost = { ...HIT, out: { lo: 8, hi: null }, places: [place('a', 0, 0, 0)] };
    expect(textOf(lost)).to.contain('out for 8.00 s and more, until the undo').and.contain('then served by nobody');
    expect(textOf()).to.contain('no service of the call chain is hit');
  });

  it('has words for a zone that no node says', () => {
    const hit = { ...HIT, fromZone: '', places: [place('', 0.5, 1, 1), place('b', 0, 0, 0)] };
    const lines = textOf(hit, { ...CALM, fromZone: '', places: [place('', 1, 1, 1)] })
      .split('\n')
      .map((line) => line.trim());
    expect(lines).to.include.members([
      'callers of mockb in an unknown zone: 2 to 22 bad, out for 0.10 to 1.20 s',
      'then served by an unknown zone 50 to 100 %; left: 1 of 1 in an unknown zone, 0 of 1 in b',
      'callers in an unknown zone: nothing changes',
    ]);
  });

  it('is one line where nothing is predicted', () => {
    expect(describePrediction({ state: 'not-predicted', reason: 'why' })).to.deep.equal([
      'Prediction: not predicted: why',
    ]);
  });
});
