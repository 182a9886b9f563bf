import { expect } from 'chai';
import { OBJECTIVES } from '../analysis/objectives/index.ts';
import type { Finding } from '../model/finding.ts';
import { type Figures, figuresOf as figuresOfWorded, figuresText as textOfWorded } from './figures.ts';
import { visibleText } from './testing/markup.ts';
import { renderHtml, renderJunit, renderMarkdown, renderTerminal, worded } from './testing/render.ts';
import { FIXTURES } from './testing/results/index.ts';
import { pass } from './testing/results/pass.ts';
import type { WordedFinding } from './worded.ts';

const base: Finding = {
  id: 'x/y',
  objective: 'recoveryTime',
  subject: 'y',
  verdict: 'pass',
  title: 't',
  story: 's',
  samples: 12,
  evidence: [],
};
const none = { measured: { lo: 0, hi: 0, unit: 'count' }, target: { op: '<=', value: 0, unit: 'count' } } as const;

const wordedOne = (finding: Finding): WordedFinding =>
  worded({ ...pass, findings: [finding] }).findings[0] as WordedFinding;
const figuresOf = (finding: Finding): Figures => figuresOfWorded(wordedOne(finding));
const figuresText = (finding: Finding): string => textOfWorded(wordedOne(finding));

describe('report/figures', () => {
  it('are measured, limit, margin and what they rest on', () => {
    const measured = { lo: 1, hi: 2, unit: 's' } as const;
    const target = { op: '<=', value: 5, unit: 's' } as const;
    expect(figuresText({ ...base, measured, target })).to.equal(
      'measured 1 to 2 s, limit ≤ 5 s, margin 3 s to spare, 12 requests',
    );
  });

  it('are absent where nothing was measured', () => {
    expect(figuresOf({ ...base, target: { op: '<=', value: 5, unit: 's' } })).to.deep.equal({ restsOn: '12 requests' });
    expect(figuresOf({ ...base, ...none, samples: 0 })).to.deep.equal({});
  });

  it('say what it is that they rest on', () => {
    const ground = (finding: Partial<Finding>): string | undefined => figuresOf({ ...base, ...finding }).restsOn;
    expect(ground({ samples: 1 })).to.equal('1 request');
    expect(ground({ objective: 'ejections', samples: 1 })).to.equal('1 proxy');
    expect(ground({ objective: 'ejections', samples: 1800 })).to.equal('1,800 proxies');
    expect(ground({ objective: 'wayHome', id: 'wayHome/paths' })).to.equal('12 requests');
    expect(ground({ objective: 'wayHome', id: 'wayHome/mockb from a' })).to.equal('12 calls');
    expect(ground({ objective: 'steadyState', id: 'steadyState/sameZone', counted: 'call' })).to.equal('12 calls');
    expect(ground({ objective: 'of another version' })).to.equal('12 samples');
    for (const { name, counts } of OBJECTIVES) expect(counts, name).to.not.equal(undefined);
  });

  for (const objective of ['faultEffect', 'loadQuality', 'unaffected', 'wayHome', 'putBack'] as const) {
    it(`are no zero against a zero that nobody asked for: ${objective}`, () => {
      expect(figuresOf({ ...base, ...none, objective })).to.have.all.keys('restsOn');
      expect(figuresText({ ...base, ...none, objective, samples: 0, verdict: 'inconclusive' })).to.equal('');
      const measured = { lo: 3, hi: 3, unit: 'count' } as const;
      expect(figuresOf({ ...base, ...none, objective, measured, verdict: 'fail' }).margin).to.equal('missed by 3');
    });
  }

  it('keep a zero that the scenario asks for', () => {
    expect(figuresOf({ ...base, ...none, objective: 'errorBudget' })).to.include({ measured: '0', limit: '≤ 0' });
  });

  it('never stand against their verdict in any shape', () => {
    for (const result of Object.values(FIXTURES)) {
      const texts = [renderMarkdown(result), renderTerminal(result, { color: false }), renderJunit(result)];
      for (const line of texts.flatMap((text) => text.split('\n')).filter((one) => /PASS|system-out/.test(one))) {
        expect(line).to.not.include('missed by');
      }
      for (const finding of worded(result).findings) {
        expect(figuresOfWorded(finding).restsOn ?? '', finding.id).to.not.match(/^0/);
      }
    }
  });

  it('spell a percentage without a space', () => {
    for (const name of ['pass', 'fail', 'stages', 'refused']) {
      const result = FIXTURES[name] ?? expect.fail(name);
      const page = visibleText(renderHtml(result));
      for (const text of [page, renderMarkdown(result), renderJunit(result)]) expect(text).to.not.match(/\d %/);
    }
  });
});
