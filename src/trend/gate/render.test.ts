import { expect } from 'chai';
import { hostileTexts, toldBy } from '../../report/testing/hostile-texts.ts';
import { readMarkup } from '../../report/testing/markup.ts';
import { FAILED, found, REQUIRED, runOf, runsOf } from '../testing/runs.ts';
import type { Gate } from './found.ts';
import { gate } from './gate.ts';
import { renderGateJunit } from './junit.ts';
import { renderGateLine, renderGateMarkdown, renderGateTerminal } from './render.ts';

const plain = (decided: Gate): string => renderGateTerminal(decided, { color: false });

describe('gate: what it says', () => {
  it('is the same in every shape, and what is missing stands in it', () => {
    const runs = runsOf(58);
    const decided = gate(
      { ...found(...runs), unreadable: [{ path: 'x/result.json', problem: 'torn' }], repeated: ['y/result.json'] },
      REQUIRED,
    );
    for (const shape of [plain(decided), renderGateMarkdown(decided)]) {
      expect(shape).to.contain('NOT DECIDED').and.to.contain('needs 59 runs without a miss, has 58');
      expect(shape).to.contain('x/result.json: torn').and.to.contain('found twice, counted once: y/result.json');
      expect(shape).to.contain('Clopper');
    }
    expect(renderGateLine(decided)).to.match(
      /^faultline gate=undecided exit=6 runs=58 pass=58 fail=0 .* unreadable=1 /,
    );
    const junit = renderGateJunit(decided, runs);
    expect(readMarkup(junit, 'xml').problems).to.deep.equal([]);
    expect(junit).to.contain('tests="61" failures="0" errors="2"');
    expect(renderGateLine(decided).trimEnd().split('\n')).to.have.length(1);
  });

  it('names what decided', () => {
    const line = (...runs: ReturnType<typeof runOf>[]) => renderGateLine(gate(found(...runs), REQUIRED));
    expect(line(...runsOf(59))).to.contain('gate=met exit=0');
    expect(line(...runsOf(20, FAILED)))
      .to.contain('gate=not-met exit=1')
      .and.to.contain('pass rate: 0 of 20');
  });

  it('rounds no share onto a bound that it does not reach', () => {
    const of = (passes: number, fails: number, passRate: number) =>
      plain(gate(found(...runsOf(passes), ...runsOf(fails, FAILED, 'f')), { ...REQUIRED, passRate }));
    expect(of(7, 93, 0.07)).to.contain('7 of 100 = 7 %');
    expect(of(9499, 501, 0.95)).to.contain('= 94.99 %');
  });

  it('lets no text of a run out of its place', () => {
    const texts = hostileTexts(7);
    for (let i = 0; i < 150; i++) {
      const text: string = texts.next().value;
      const run = runOf({
        scenario: { name: text, sha256: 'x' },
        target: { name: text, kind: 'clusters' },
        reason: text,
      });
      const other = runOf({ scenario: { name: text, sha256: text }, versions: { [text]: text } });
      const decided = gate({ ...found(run, other), leftBehind: [text], repeated: [text] }, REQUIRED);
      const xml = readMarkup(renderGateJunit(decided, [run, other]), 'xml');
      expect(xml.problems).to.deep.equal([]);
      expect(toldBy(plain(decided))).to.deep.equal([]);
      expect(renderGateLine(decided).trimEnd()).to.not.contain('\n');
      expect(renderGateMarkdown(decided)).to.not.match(/<(?!br>)[a-z/!]/i);
    }
  });
});
