import { expect } from 'chai';
import type { Finding } from '../model/finding.ts';
import type { RunResult } from '../model/result.ts';
import { expectGolden } from '../testing/golden.ts';
import { FACE_WORDS, faceOf, findingsText, tellable } from './face.ts';
import { serializeResult } from './index.ts';
import { readMarkup, visibleText } from './testing/markup.ts';
import { renderHtml, renderJunit, renderMarkdown, renderOneLine, renderTerminal, worded } from './testing/render.ts';
import { FIXTURES } from './testing/results/index.ts';
import { countsText, countVerdicts } from './words.ts';

const SHAPES: Readonly<Record<string, (result: RunResult) => string>> = {
  'report.html': renderHtml,
  'junit.xml': renderJunit,
  'summary.md': renderMarkdown,
  'terminal.txt': (result) => renderTerminal(result, { color: false }),
  'terminal.ansi': (result) => renderTerminal(result, { color: true, width: 80 }),
  'line.txt': renderOneLine,
  'result.json': serializeResult,
};

const GOLDEN = ['junit.xml', 'summary.md', 'terminal.txt', 'terminal.ansi', 'line.txt'];

function elements(xml: string, name: string): number {
  return readMarkup(xml, 'xml').tags.filter((tag) => tag.name === name && !tag.closing).length;
}

describe('report: all shapes', () => {
  for (const [name, result] of Object.entries(FIXTURES)) {
    const { told } = tellable(worded(result));
    const counts = countVerdicts(told);
    const face = faceOf(result);

    it(`give the same verdict and counts: ${name}`, () => {
      const { word, key } = FACE_WORDS[face];
      const html = visibleText(renderHtml(result)).replace(/\s+/g, ' ');
      expect(html).to.include(`${word} `);
      if (result.findings.length > 0) expect(html).to.include(`Findings: ${findingsText(worded(result))}`);
      const terminal = renderTerminal(result, { color: false });
      expect(terminal.split('\n')[0]).to.include(` ${word}  `);
      expect(terminal).to.include(countsText(counts));
      const markdown = renderMarkdown(result);
      expect(markdown.split('\n')[2]).to.include(`**${word}**`);
      expect(markdown).to.include(`| Findings | ${findingsText(worded(result))} |`);
      expect(renderOneLine(result)).to.include(
        `verdict=${key} status=${result.status} exit=${result.exitCode} pass=${counts.pass} fail=${counts.fail} inconclusive=${counts.inconclusive} `,
      );
      const json = JSON.parse(serializeResult(result)) as RunResult;
      expect(json.verdict).to.equal(result.verdict);
      expect(countVerdicts(tellable(worded(json)).told)).to.deep.equal(counts);
      expect(json.findings).to.have.length(result.findings.length);
      const junit = renderJunit(result);
      const harness = result.status === 'completed' ? 0 : 1;
      const failures = face === 'untested' ? 0 : counts.fail;
      expect(elements(junit, 'failure')).to.equal(failures);
      expect(elements(junit, 'error')).to.equal(counts.fail - failures + counts.inconclusive + harness);
      expect(junit).to.include(`<property name="verdict" value="${key}"/>`);
    });

    it(`are the same bytes twice: ${name}`, () => {
      for (const render of Object.values(SHAPES)) expect(render(result)).to.equal(render(result));
    });
  }

  for (const name of ['pass', 'fail', 'refused']) {
    for (const shape of GOLDEN) {
      it(`match the golden file: ${name}/${shape}`, () => {
        const file = new URL(`./golden/${name}.${shape}.golden`, import.meta.url);
        const text = SHAPES[shape]?.(FIXTURES[name] ?? expect.fail(name)) ?? '';
        expectGolden(file, text);
      });
    }
  }
});

describe('report/junit', () => {
  for (const [name, result] of Object.entries(FIXTURES)) {
    it(`is well-formed XML 1.0 with unique names and a put-back case: ${name}`, () => {
      const xml = renderJunit(result);
      const { problems, tags } = readMarkup(xml, 'xml');
      expect(problems).to.deep.equal([]);
      // biome-ignore lint/suspicious/noControlCharactersInRegex: XML 1.0 cannot carry them
      expect(xml).to.not.match(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/);
      expect(xml.isWellFormed()).to.equal(true);
      const names = tags
        .filter((tag) => tag.name === 'testcase' && !tag.closing)
        .map((tag) => tag.attributes.get('name') ?? '');
      expect(new Set(names).size).to.equal(names.length);
      expect(names.some((one) => one.startsWith('putBack'))).to.equal(true);
      expect(names).to.include('harness');
      for (const tag of tags) expect(new Set(tag.attributes.keys()).size).to.equal(tag.attributes.size);
      const suite = tags.find((tag) => tag.name === 'testsuite');
      expect(suite?.attributes.get('tests')).to.equal(String(names.length));
      expect(suite?.attributes.get('failures')).to.equal(String(elements(xml, 'failure')));
      expect(suite?.attributes.get('errors')).to.equal(String(elements(xml, 'error')));
    });
  }
});

describe('report/markdown and terminal', () => {
  const hostile = FIXTURES.hostile ?? expect.fail('hostile');

  it('keep the summary below 64 KiB, cut at a line', () => {
    const findings = hostile.findings.flatMap((finding) =>
      Array.from({ length: 300 }, (): Finding => ({ ...finding, verdict: 'inconclusive', story: 'long '.repeat(100) })),
    );
    const text = renderMarkdown({ ...hostile, findings });
    expect(Buffer.byteLength(text)).to.be.at.most(64 * 1024);
    expect(text).to.include('Cut here to stay small.');
    expect(text.split('\n')[2]).to.include('**PASS**');
  });

  it('keep hostile text inside its cell', () => {
    const text = renderMarkdown(hostile);
    const outsideCode = text.replace(/\\`/g, '').replace(/(`+)[^\n]*?[^`]\1(?!`)/g, '');
    expect(outsideCode).to.not.match(/<(?!br>)[a-z!/]/i);
    expect(text).to.not.match(/(?!\n)\p{Cc}|\u2028/u);
    for (const row of text.split('\n').filter((line) => line.startsWith('| ') && line.includes('**PASS**'))) {
      const cells = row.split(/(?<!\\)\|/).length - 2;
      expect([2, 6]).to.include(cells);
    }
  });

  it('name the dashboard of the load generator in one line of the summary, under a plain name only', () => {
    const stages = FIXTURES.stages ?? expect.fail('stages');
    const rows = (loadDashboard: string) =>
      renderMarkdown({ ...stages, loadDashboard })
        .split('\n')
        .filter((line) => line.includes('dashboard'));
    const row = "| k6's own dashboard | `k6-dashboard.html`, load as k6 saw it, without faults and phases |";
    expect(rows('k6-dashboard.html')).to.deep.equal([row]);
    expect(rows('../k6-dashboard.html')).to.deep.equal([]);
  });

  it('print no control character of the data and no workflow command', () => {
    for (const text of [renderTerminal(hostile, { color: false }), renderOneLine(hostile)]) {
      // biome-ignore lint/suspicious/noControlCharactersInRegex: finding them is the purpose
      expect(text).to.not.match(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u2028\u202e]/);
      for (const line of text.split('\n')) expect(line.trimStart()).to.not.match(/^::|##\[/);
    }
    expect(renderOneLine(hostile).trimEnd()).to.not.include('\n');
  });

  it('stay within the width', () => {
    for (const width of [40, 50, 60, 80, 120]) {
      const text = renderTerminal(FIXTURES.fail ?? expect.fail('fail'), { color: false, width });
      for (const line of text.split('\n').filter((one) => !one.startsWith('report')))
        expect(line.length, line).to.be.at.most(width);
    }
  });

  it('name what is left behind and the commands', () => {
    const left = FIXTURES.interrupted ?? expect.fail('interrupted');
    for (const render of [
      renderMarkdown,
      renderHtml,
      (result: RunResult) => renderTerminal(result, { color: false }),
    ]) {
      expect(render(left)).to.include(
        'kubectl --context tokyo -n default rollout undo deployment/mockb-ap-northeast-1a',
      );
    }
  });
});
