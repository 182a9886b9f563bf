import { expect } from 'chai';
import { hostileTexts } from '../../report/testing/hostile-texts.ts';
import { readMarkup, visibleText } from '../../report/testing/markup.ts';
import { groupsOf } from '../gate/gate.ts';
import type { RecordedRun } from '../recorded-run.ts';
import { FAILED, found, OPEN, runOf, UNTESTED } from '../testing/runs.ts';
import { renderBadge } from './badge.ts';
import { renderHistory } from './page.ts';
import { movingRate, trendOf } from './summary.ts';

/** Runs a day apart, each with its own changes. */
function daily(changes: readonly Partial<RecordedRun>[]): RecordedRun[] {
  return changes.map((one, i) =>
    runOf({ runId: `r${i}`, startedAt: new Date(Date.UTC(2026, 0, 1 + i)).toISOString(), ...one }),
  );
}

const page = (runs: readonly RecordedRun[]): string => renderHistory(found(...runs), groupsOf(runs), () => undefined);
const NEXT = { versions: { faultline: '0.1.0', istio: '1.32.0' } };

describe('history: figures', () => {
  it('a flake is another outcome with nothing changed', () => {
    const { flakes, passRate } = trendOf(daily([{}, {}, FAILED, {}, OPEN, {}, FAILED, NEXT]));
    expect([flakes.hits, flakes.n]).to.deep.equal([3, 5]);
    expect([passRate.hits, passRate.n]).to.deep.equal([5, 7]);
  });

  it('tell which versions came when, and what failed', () => {
    const { turns, failing } = trendOf(daily([{}, FAILED, NEXT]));
    expect(turns).to.deep.equal([{ at: 2, changes: ['istio 1.31.0 → 1.32.0'] }]);
    expect(failing.map(({ id, rate, last }) => [id, rate.hits, last.slice(0, 10)])).to.deep.equal([
      ['errorBudget/perCaller', 1, '2026-01-02'],
    ]);
  });

  it('the moving pass rate is of the last 20 decided runs', () => {
    const rates = movingRate(daily([...new Array(20).fill(FAILED), UNTESTED, ...new Array(20).fill({})]));
    expect([rates[0], rates[20], rates[30], rates[40]].map((rate) => `${rate?.hits}/${rate?.n}`)).to.deep.equal([
      '0/1',
      '0/20',
      '10/20',
      '20/20',
    ]);
  });
});

describe('history: the page', () => {
  const thousand = daily(
    Array.from({ length: 1000 }, (_, i) => ({
      ...(i % 11 === 0 ? FAILED : {}),
      ...(i % 17 === 0 ? OPEN : {}),
      recovery: { lo: 1 + (i % 7) / 10, hi: i % 50 === 0 ? null : 2 },
      recoveryWithin: 5,
    })),
  );

  it('is whole, small and asks for nothing, and has every run of a thousand', () => {
    const text = page(thousand);
    const { problems, tags } = readMarkup(text, 'html');
    expect(problems).to.deep.equal([]);
    expect(tags.filter(({ name }) => /^(script|img|iframe|object|embed)$/.test(name))).to.deep.equal([]);
    expect(text).to.not.match(/\ssrc=|url\(|@import/);
    expect(Buffer.byteLength(text)).to.be.below(2_000_000);
    for (const id of ['r0', 'r500', 'r999']) expect(text).to.contain(`>${id}<`);
    expect(visibleText(text)).to.not.match(/undefined|NaN|Infinity/);
    const ids = tags.map(({ attributes }) => attributes.get('id')).filter((id) => id !== undefined);
    expect(new Set(ids).size).to.equal(ids.length);
  });

  it('stays small however many runs and scenarios, and says what it leaves out', () => {
    const many = thousand.flatMap((run, i) =>
      [0, 1, 2].map((n) => ({ ...run, runId: `${run.runId}-${n}`, scenario: { name: `s${i % 150}`, sha256: 'x' } })),
    );
    const text = page(many);
    expect(Buffer.byteLength(text)).to.be.below(2_000_000);
    expect(text).to.contain('The last 10 of 21 runs are shown');
  });

  it('stays small for any number of scenarios with long texts, shows the newest, and links to no section that is not there', () => {
    const long = 'because of <b>that</b> & more '.repeat(10);
    const runs = daily(
      Array.from({ length: 1000 }, (_, i) => ({ reason: long, scenario: { name: `${i}-${long}`, sha256: 'x' } })),
    );
    const text = page(runs);
    expect(Buffer.byteLength(text)).to.be.below(2_000_000);
    expect(text).to.contain('Of 1,000 scenarios 500 are listed').and.to.contain('are shown by themselves');
    expect(text).to.contain('>r999<');
    const ids = new Set([...text.matchAll(/ id="(group-\d+)"/g)].map(([, id]) => id));
    const links = [...text.matchAll(/href="#(group-\d+)"/g)].map(([, id]) => id);
    expect(links.length).to.be.above(100);
    expect(links.filter((id) => !ids.has(id))).to.deep.equal([]);
  });

  it('is the same for the same runs, and links what has a report', () => {
    const runs = daily([{}, FAILED]);
    const linked = renderHistory(found(...runs), groupsOf(runs), ({ runId }) => `./${runId}/report.html`);
    expect(linked).to.contain('<a href="./r1/report.html">r1</a>');
    expect(page(runs)).to.equal(page(runs));
  });

  it('tells what is not in it', () => {
    const runs = daily([{}]);
    const with_ = { ...found(...runs), unreadable: [{ path: 'x/result.json', problem: 'torn' }], leftBehind: ['y'] };
    const text = visibleText(renderHistory(with_, groupsOf(runs), () => undefined));
    expect(text).to.contain('x/result.json: torn').and.to.contain('y: something is not put back');
  });

  it('lets no text of a run out of its place', () => {
    const texts = hostileTexts(5);
    for (let i = 0; i < 60; i++) {
      const text: string = texts.next().value;
      const runs = daily([
        { reason: text, scenario: { name: text, sha256: text }, versions: { [text]: text } },
        {
          ...FAILED,
          runId: text,
          scenario: { name: text, sha256: '' },
          findings: [{ id: text, objective: 'x', verdict: 'fail' }],
        },
      ]);
      expect(readMarkup(page(runs), 'html').problems).to.deep.equal([]);
      expect(readMarkup(renderBadge(groupsOf(runs)), 'xml').problems).to.deep.equal([]);
    }
  });
});

describe('history: the badge', () => {
  it('says how the last run ended, and when, so that a stale one is seen', () => {
    const of = (...changes: Partial<RecordedRun>[]) => renderBadge(groupsOf(daily(changes)));
    expect(of(FAILED, {})).to.contain('failover drills: pass, 2026-01-02').and.to.contain('#00684d');
    expect(of({}, FAILED)).to.contain('fail, 2026-01-02').and.to.contain('#b3241c');
    expect(of()).to.contain('0 of 0 pass, never').and.to.contain('#765400');
    expect(readMarkup(page([]), 'html').problems).to.deep.equal([]);
    expect(of({}, OPEN)).to.contain('inconclusive, 2026-01-02').and.to.contain('#765400');
    expect(of({}, { scenario: { name: 'other', sha256: '' }, ...FAILED })).to.contain('1 of 2 pass');
  });
});
