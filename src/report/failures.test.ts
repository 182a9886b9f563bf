import { expect } from 'chai';
import type { FailureGroup } from '../model/result.ts';
import { failureTexts } from './failures.ts';
import { visibleText } from './testing/markup.ts';
import { renderHtml, renderJunit, renderMarkdown, renderTerminal } from './testing/render.ts';
import { FIXTURES } from './testing/results/index.ts';

const refused = FIXTURES.refused ?? expect.fail('refused');
const fail = FIXTURES.fail ?? expect.fail('fail');
const [group] = refused.budget.groups;
const groupOf = (change: Partial<FailureGroup>): FailureGroup => ({ ...(group ?? expect.fail('group')), ...change });
const told = (groups: readonly FailureGroup[]) => failureTexts({ ...refused, budget: { ...refused.budget, groups } });

describe('report/failures', () => {
  it('put the same failure on many paths and callers together, its worst path first', () => {
    const groups = [
      groupOf({ path: 'a', count: 3 }),
      groupOf({ path: 'b', count: 4 }),
      groupOf({ path: 'b', caller: 'other', count: 2 }),
      groupOf({ path: 'c', count: 1, cause: 'status 503', text: 'no healthy upstream' }),
    ];
    expect(told(groups)).to.deep.equal([
      'tls: self-signed certificate in certificate chain, 9 times on b and 1 other path',
      'status 503: no healthy upstream, 1 time on c',
    ]);
  });

  it('name the mechanisms that are told, each once', () => {
    const mechanism = { kind: 'merge-window', sure: 'certain', shown: 'Counted.', setting: 'a field' } as const;
    const groups = [
      groupOf({
        path: 'a',
        count: 3,
        mechanisms: [mechanism, { ...mechanism, kind: 'first-failure', sure: 'likely' }],
      }),
      groupOf({ path: 'b', count: 2, mechanisms: [mechanism] }),
      groupOf({ path: 'b', count: 1, cause: 'status 503', text: '', mechanisms: [] }),
    ];
    expect(told(groups)).to.deep.equal([
      'tls: self-signed certificate in certificate chain, 5 times on a and 1 other path: merge window, first failure (likely)',
      'status 503, 1 time on b',
    ]);
  });

  it('say on the page what shows a mechanism and which fields change it, and where it is not told', () => {
    const page = visibleText(renderHtml(fail)).replace(/\s+/g, ' ');
    expect(page).to.contain(
      'not ejected (likely) The proxy of default/mocka-ap-northeast-1a-5c7d9 counted 907 failed calls',
    );
    expect(page).to.contain('Changed by outlierDetection.consecutive5xxErrors in the DestinationRule of mockb.');
    expect(page).to.contain('What failed outside this window').and.to.contain('not told by what was recorded');
    const { mechanisms: _, ...old } = groupOf({});
    const before = visibleText(
      renderHtml({ ...fail, budget: { ...fail.budget, groups: [old] }, badRequests: { first: [], rest: [] } }),
    );
    expect(before).to.not.contain('not told by what was recorded');
  });

  it('are the three commonest, and say that there are more', () => {
    const groups = [1, 2, 3, 4, 5].map((count) => groupOf({ cause: `status 50${count}`, text: '', count }));
    expect(told(groups).map((text) => text.slice(0, 10).trim())).to.deep.equal([
      'status 505',
      'status 504',
      'status 503',
      'and 2 othe',
    ]);
  });

  it('are nothing without a bad request, or where the run passed', () => {
    expect(told([])).to.deep.equal([]);
    expect(failureTexts(FIXTURES.pass ?? expect.fail('pass'))).to.deep.equal([]);
  });

  for (const [name, result] of Object.entries({ refused, fail })) {
    it(`stand wherever the verdict is told: ${name}`, () => {
      const [words = expect.fail('words')] = failureTexts(result);
      const squeezed = (text: string): string => text.replace(/\\/g, '').replace(/\s+/g, ' ');
      const page = squeezed(visibleText(renderHtml(result)));
      expect(page.indexOf(words)).to.be.greaterThan(0).and.to.be.lessThan(page.indexOf('Findings:'));
      for (const text of [renderMarkdown(result), renderTerminal(result, { color: false }), renderJunit(result)]) {
        expect(squeezed(text)).to.include(words);
      }
    });
  }
});
