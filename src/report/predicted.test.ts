import { expect } from 'chai';
import { Errors } from 'typebox/value';
import type { PredictionReview } from '../model/prediction.ts';
import type { RunResult } from '../model/result.ts';
import { serializeResult } from './serialize.ts';
import { visibleText } from './testing/markup.ts';
import { RESULT_SCHEMA, renderHtml, renderMarkdown, renderTerminal } from './testing/render.ts';
import { pass } from './testing/results/pass.ts';

const REVIEW: PredictionReview = {
  predicted: {
    state: 'predicted',
    draws: 120,
    stages: [
      {
        faults: ['mockb-down'],
        callers: [
          {
            service: 'mockb',
            namespace: 'default',
            fromZone: 'ap-northeast-1a',
            bad: { lo: 2, hi: 26 },
            out: { lo: 0.04, hi: 1.2 },
            early: 0.2,
            places: [
              { zone: 'ap-northeast-1b', region: 'ap-northeast-1', share: { lo: 1, hi: 1 }, serving: 1, before: 1 },
            ],
            why: ['the merge window costs <b>1 s</b> here'],
          },
        ],
        paths: [{ path: 'entry@tokyo/ap-northeast-1a', bad: { lo: 2, hi: 26 }, out: { lo: 0.04, hi: 1.2 } }],
      },
    ],
    ejections: [{ service: 'mockb', enforced: { lo: 1, hi: 1 } }],
    assumptions: ['the swapped image runs, and nothing listens on its port'],
  },
  compared: [
    {
      id: 'prediction/bad/p/stage-1',
      what: 'bad requests of p',
      unit: 'count',
      predicted: { lo: 2, hi: 26 },
      measured: { lo: 26, hi: 26 },
      state: 'inside',
    },
    {
      id: 'prediction/out/p/stage-1',
      what: 'outage of p',
      unit: 's',
      predicted: { lo: 0.04, hi: 1.2 },
      measured: { lo: 1.5, hi: null },
      state: 'missed',
    },
    {
      id: 'prediction/ejections/mockb',
      what: 'ejections of mockb',
      unit: 'count',
      predicted: { lo: 1, hi: 1 },
      state: 'not-measured',
    },
  ],
};

const RESULT: RunResult = { ...pass, prediction: REVIEW };
const MISS = '1 of 2 measured values inside what the model said before the run; each miss is a fault of the model';

describe('a prediction in the report', () => {
  it('stands beside what was measured, misses first, and says whose fault a miss is', () => {
    const rows = renderMarkdown(RESULT).split('\n');
    const at = rows.indexOf('### Predicted beside measured');
    expect(rows[at + 2]).to.contain(MISS);
    expect(rows.slice(at + 6, at + 9)).to.deep.equal([
      '| outage of p | 0.04 to 1.2 s | more than 1.5 s | missed |',
      '| bad requests of p | 2 to 26 | 26 | inside |',
      '| ejections of mockb | 1 | not measured | not measured |',
    ]);
  });

  it('is on the page with its reasons, as text', () => {
    const page = renderHtml(RESULT);
    const text = visibleText(page).replace(/\s+/g, ' ');
    expect(text).to.contain(MISS).and.contain('It is no part of the verdict.');
    expect(text).to.contain('mockb for callers in ap-northeast-1a: 2 to 26 bad, out for 0.04 to 1.2 s');
    expect(text).to.contain('Taken for granted: the swapped image runs');
    expect(page).to.not.contain('<b>1 s</b>');
  });

  it('is a line on the terminal', () => {
    expect(renderTerminal(RESULT, { color: false, width: 200 })).to.contain(`prediction  ${MISS}`);
  });

  it('changes neither verdict nor findings', () => {
    const count = (result: RunResult) => /\| Findings \| .*/.exec(renderMarkdown(result))?.[0];
    expect(count(RESULT)).to.equal(count(pass));
    expect(renderMarkdown(RESULT).split('\n')[2]).to.equal(renderMarkdown(pass).split('\n')[2]);
  });

  it('says why there is none', () => {
    const prediction: PredictionReview = { predicted: { state: 'not-predicted', reason: 'not read' }, compared: [] };
    expect(renderMarkdown({ ...pass, prediction })).to.contain('not predicted: not read');
    expect(visibleText(renderHtml({ ...pass, prediction }))).to.contain('not predicted: not read');
    expect(visibleText(renderHtml(pass))).to.contain('the record is older than predictions are');
  });

  it('is in result.json as its schema says', () => {
    expect(Errors(RESULT_SCHEMA, JSON.parse(serializeResult(RESULT)))).to.deep.equal([]);
    const wrong = { ...RESULT, prediction: { ...REVIEW, compared: [{ id: 1 }] } };
    expect(Errors(RESULT_SCHEMA, wrong)).to.not.deep.equal([]);
  });
});
