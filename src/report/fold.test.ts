import { expect } from 'chai';
import fc from 'fast-check';
import { OBJECTIVES } from '../analysis/objectives/index.ts';
import type { Finding } from '../model/finding.ts';
import { foldFindings, MOST_ROWS } from './fold.ts';
import { MOST_SHOWN, moreText, shortlist } from './shortlist.ts';
import { worded } from './testing/render.ts';
import { pass } from './testing/results/pass.ts';

const NAMES = OBJECTIVES.slice(4, 7).map(({ name }) => name);

const finding: fc.Arbitrary<Finding> = fc.record({
  id: fc.uuid(),
  objective: fc.constantFrom(...NAMES, 'unknown'),
  subject: fc.constant('s'),
  verdict: fc.constantFrom('pass' as const, 'fail' as const, 'inconclusive' as const),
  title: fc.constant('t'),
  story: fc.constant('s'),
  samples: fc.nat(3),
  evidence: fc.constant([]),
});

describe('report/fold', () => {
  it('loses and doubles no finding, keeps the reason, and puts the worst first, then what comes first in the list', () => {
    fc.assert(
      fc.property(fc.array(finding, { maxLength: 200, size: 'max' }), fc.nat(), (findings, at) => {
        const first = findings[at % Math.max(1, findings.length)]?.id;
        const groups = foldFindings(worded({ ...pass, findings }).findings, first);
        const ids = groups.flatMap(({ shown, folded }) => [...shown, ...folded]).map(({ id }) => id);
        expect(ids.toSorted()).to.deep.equal(findings.map(({ id }) => id).toSorted());
        if (first !== undefined) expect(groups.flatMap(({ shown }) => shown.map(({ id }) => id))).to.include(first);
        const verdicts = groups.map(({ verdict }) => ['fail', 'inconclusive', 'pass'].indexOf(verdict));
        expect(verdicts).to.deep.equal(verdicts.toSorted());
        const places = groups.map(({ words }) => [...NAMES, 'unknown'].indexOf(words.name));
        for (const [at, place] of places.entries()) {
          if (verdicts[at] === verdicts[at - 1]) expect(place).to.be.above(places[at - 1] ?? 0);
        }
        for (const { shown } of groups) expect(shown.length).to.be.at.most(MOST_ROWS);
      }),
    );
  });
});

describe('report/shortlist', () => {
  it('shows a short list whole and in order', () => {
    expect(shortlist([3, 0, 1], (n) => n)).to.deep.equal({ shown: [3, 0, 1], rest: [] });
  });

  it('of a long one shows what has weight, heaviest first, and counts the rest', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(4), { minLength: 9, maxLength: 200, size: 'max' }), (items) => {
        const { shown, rest } = shortlist(items, (n) => n);
        expect([...shown, ...rest].toSorted()).to.deep.equal(items.toSorted());
        expect(shown.length).to.equal(Math.min(MOST_SHOWN, items.filter((n) => n > 0).length));
        expect(shown).to.deep.equal(shown.toSorted((a, b) => b - a));
        for (const left of rest.filter((n) => n > 0)) expect(left).to.be.at.most(shown.at(-1) ?? 0);
      }),
    );
  });

  it('says where the rest is', () => {
    expect(moreText(1960)).to.equal('and 1,960 more, see result.json');
    expect(moreText(0)).to.equal('');
  });
});
