import { expect } from 'chai';
import type { RunResult } from '../model/result.ts';
import { PAYLOADS } from '../report/testing/results/hostile.ts';
import { FIXTURES } from '../report/testing/results/index.ts';
import { type Cell, cellOf, type Entry } from './cell.ts';
import { inOrder, type Matrix } from './matrix.ts';
import { renderMatrix } from './page.ts';
import { matrixText, recoveryText } from './words.ts';

const ENTRY: Entry = { scenario: 's', topology: 'two', failure: 'zone', expected: 'pass', claim: '"it survives"' };
const named = (name: string): RunResult => FIXTURES[name] as RunResult;
const cell = (result: RunResult, entry: Partial<Entry> = {}, asExpected = true): Cell =>
  cellOf(result, { ...ENTRY, ...entry }, { report: 'runs/a/report.html', asExpected });

function matrix(cells: readonly Cell[], more: Partial<Matrix> = {}): Matrix {
  const topology = (name: string) => ({ name, title: `Title of ${name}`, about: 'About.' });
  return {
    format: 'faultline/matrix/v1',
    startedAt: '2026-01-02T03:04:05.000Z',
    target: 'sandbox',
    topologies: ['one', 'two'].map(topology),
    failures: ['zone', 'region'],
    cells,
    missing: [],
    ...more,
  };
}

describe('a cell of the matrix', () => {
  it('survives with a pass, is lost with a fail, and is unknown where nobody could judge', () => {
    const of = (name: string) => cell(named(name)).survival;
    expect(['pass', 'fail', 'inconclusive', 'refused', 'interrupted'].map(of)).to.deep.equal([
      'survived',
      'lost',
      'unknown',
      'unknown',
      'unknown',
    ]);
    expect(cell({ ...named('fail'), status: 'interrupted' }).survival).to.equal('unknown');
  });

  it('tells what the failover cost: calls that left their zone or region, and the load of the busiest place', () => {
    const { crossings, load } = cell(named('pass'));
    expect(crossings?.before).to.deep.equal({ zones: 0, regions: 0 });
    expect(crossings?.during.zones).to.be.closeTo(1014 / (1014 + 3 * 1022), 1e-9);
    expect(crossings?.during.regions).to.equal(0);
    expect(load).to.be.closeTo(2, 0.05);
    const flows = named('pass').flows?.map((flow) => ({
      ...flow,
      parts: flow.parts.map((part) => ({ ...part, calls: [{ from: 'ap-northeast-1a', to: 'cn-hangzhou-h', n: 9 }] })),
    }));
    expect(cell({ ...named('pass'), ...(flows === undefined ? {} : { flows }) }).crossings?.during).to.deep.equal({
      zones: 0,
      regions: 1,
    });
    const topology = {
      ...named('pass').run.topology,
      clusters: named('pass').run.topology.clusters.map((one) => ({ ...one, region: 'r', zones: ['a'] })),
    };
    const shared = flows?.map((flow) => ({
      ...flow,
      parts: flow.parts.map((part) => ({ ...part, calls: [{ from: 'a (tokyo)', to: 'a (hangzhou)', n: 9 }] })),
    }));
    expect(
      cell({ ...named('pass'), run: { ...named('pass').run, topology }, ...(shared && { flows: shared }) }).crossings,
      'the same zone of another cluster',
    ).to.deep.equal({ before: { zones: 0, regions: 0 }, during: { zones: 0, regions: 0 } });
    const { flows: _, ...without } = named('pass');
    expect(cell(without)).not.to.have.any.keys('crossings', 'load');
  });

  it('has the recovery of the slowest path that recovered, and counts those that did not', () => {
    const [first] = named('pass').recoveries;
    if (first === undefined) throw new Error('the fixture has no recovery');
    const at = (lo: number, hi: number | null): RunResult['recoveries'][number] => ({
      ...first,
      effective: 100,
      state: 'recovered',
      recovered: { lo, hi },
    });
    const of = (...recoveries: RunResult['recoveries']) => cell({ ...named('pass'), recoveries });
    expect(of(at(110, 120), at(90, 300), at(50, 60)).recovery).to.deep.equal({ lo: 0, hi: 200 });
    const lost = { ...first, path: 'x', state: 'not-recovered' as const, recovered: { lo: 5, hi: null } };
    const some = of(at(110, 120), lost, lost);
    expect([some.recovery, some.cutOff]).to.deep.equal([
      { lo: 10, hi: 20 },
      { paths: 1, of: 4 },
    ]);
    expect(recoveryText(some)).to.equal('served again after 0.00 to 0.00 s; 1 of 4 entrances not before the undo');
    const quiet = of({ ...first, state: 'not-impacted', recovered: { lo: 0, hi: null } });
    expect(quiet).not.to.have.property('recovery');
    expect(recoveryText(quiet)).to.equal('nobody had to wait');
  });
});

describe('the matrix', () => {
  it('has each failure once, the usual ones from the smallest to the largest', () => {
    expect(inOrder(['x', 'region', 'zone', 'x', 'a', 'zone'])).to.deep.equal(['zone', 'region', 'x', 'a']);
  });

  const lost = cell(named('fail'), { failure: 'region', expected: 'fail:errorBudget' });
  const odd = cell(named('fail'), { topology: 'one' }, false);

  it('is a table in the terminal, with what is not as expected in words', () => {
    const missing = [{ scenario: 'gone', topology: 'one', failure: 'region', reason: 'refused' }];
    const text = matrixText(matrix([cell(named('pass')), lost, odd], { missing }));
    expect(text).to.match(/^ +zone {2}region\none +✗! +-\ntwo +✓ +✗\n/);
    expect(text).to.include('s: expected pass, is fail: ');
    expect(text).to.include('gone: not run: refused');
    expect(text).to.match(/3 cells: 1 survived, 2 lost, 0 unknown; 2 as expected; 1 not run\.$/);
  });

  it('counts a drill of which nobody knows what it has left as none that was not run, and says how to find out', () => {
    const place = { topology: 'one', failure: 'region' };
    const open = { scenario: 'dead', ...place, reason: 'killed', recover: 'faultline recover --out x' };
    const text = matrixText(matrix([], { missing: [open] }));
    expect(text).to.contain('\ndead: killed\n  faultline recover --out x\n').and.not.contain('not run');
    expect(text).to.match(/0 as expected; of 1 nobody knows what it has left\.$/);
    const both = matrix([], { missing: [open, open, { scenario: 'gone', ...place, reason: 'refused' }] });
    expect(matrixText(both)).to.match(/; of 2 nobody knows what they have left; 1 not run\.$/);
    const page = renderMatrix(matrix([], { missing: [open] }));
    expect(page).to.contain('left open').and.contain('killed: faultline recover --out x').and.not.contain('not run');
  });

  it('is a page whose squares link to their reports, and whose claims say whether they hold', () => {
    const page = renderMatrix(matrix([cell(named('pass')), lost, odd]));
    expect(page.match(/<td class="c-survived">/g)).to.have.length(1);
    expect(page.match(/<td class="c-lost">/g)).to.have.length(2);
    expect(page.match(/no scenario/g)).to.have.length(1);
    expect(page).to.include('href="runs/a/report.html"');
    expect(page.match(/<td>holds<\/td>/g)).to.have.length(2);
    expect(page.match(/<td>does not hold<\/td>/g)).to.have.length(1);
    expect(page).to.equal(renderMatrix(matrix([cell(named('pass')), lost, odd])));
  });

  it('has no numbers of a run that did not go to its end, but why', () => {
    const refused = cell(named('refused'), {}, false);
    const page = renderMatrix(matrix([refused]));
    expect(page).to.not.include('requests bad');
    expect(page).to.include('not as expected (pass)</span><span class="more">');
  });

  it('lets nothing out of a scenario or a run into the page as markup', () => {
    for (const payload of PAYLOADS) {
      const entry = { scenario: payload, failure: payload, expected: payload, claim: payload };
      const bad = { ...cell({ ...named('fail'), reason: payload }, entry, false), topology: 'one' };
      const missing = [{ scenario: payload, topology: 'two', failure: payload, reason: payload }];
      const page = renderMatrix(matrix([bad], { failures: [payload], missing, target: payload }));
      const clean = renderMatrix(
        matrix([{ ...bad, ...ENTRY, topology: 'one', expected: 'x', reason: 'x' }], {
          failures: ['zone'],
          missing: missing.map((one) => ({ ...one, failure: 'zone', reason: 'x' })),
        }),
      );
      const tags = (text: string) => text.match(/<[a-z!/]/gi)?.length;
      expect(tags(page), payload).to.equal(tags(clean));
    }
  });
});
