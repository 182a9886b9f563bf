import { expect } from 'chai';
import type { Finding } from '../model/finding.ts';
import { visibleText } from './testing/markup.ts';
import { renderHtml, renderMarkdown, renderTerminal } from './testing/render.ts';
import { fail } from './testing/results/fail.ts';
import { warningTexts } from './warnings.ts';

const doubted = (finding: Finding): Finding =>
  finding.objective === 'loadQuality'
    ? {
        ...finding,
        verdict: 'inconclusive',
        title: 'The load cannot be trusted',
        story: '29 requests failed while the target itself stood still (up to 1.1s).',
      }
    : finding;
const result = { ...fail, findings: fail.findings.map(doubted) };
const WORDS = /The load cannot be trusted: 29 requests failed while the target itself stood still/;

describe('report: warnings', () => {
  it('say before all findings of a failed run that the machine was too slow', () => {
    const page = visibleText(renderHtml(result));
    expect(page.slice(0, page.indexOf('Findings'))).to.match(WORDS);
    const terminal = renderTerminal(result, { color: false, width: 1000 });
    expect(terminal.slice(0, terminal.indexOf('hypothesis'))).to.match(WORDS);
    const summary = renderMarkdown(result);
    expect(summary.slice(0, summary.indexOf('Hypothesis'))).to.match(WORDS);
  });

  it('are none where the load could be trusted, or is the one reason already', () => {
    expect(warningTexts(fail)).to.deep.equal([]);
    expect(warningTexts({ ...result, reasonFinding: 'loadQuality/all' })).to.deep.equal([]);
  });
});
