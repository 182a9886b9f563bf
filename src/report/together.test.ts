import { expect } from 'chai';
import { OBJECTIVES } from '../analysis/objectives/index.ts';
import { type OneOfMany, renderTogetherJunit, renderTogetherLine, renderTogetherMarkdown } from './index.ts';
import { readMarkup } from './testing/markup.ts';
import { renderJunit } from './testing/render.ts';
import { FIXTURES } from './testing/results/index.ts';

const { pass, fail, refused, hostile } = FIXTURES;
if (pass === undefined || fail === undefined || refused === undefined || hostile === undefined) throw new Error();

const RUNS: readonly OneOfMany[] = [
  { file: 'a.yaml', exit: 0, result: pass, report: '../20261129t004941z-7o4f/report.html' },
  { file: 'b.yaml', exit: 1, result: fail },
  { file: 'c.yaml', exit: 3, result: refused },
  { file: 'd|.yaml', exit: 2, problem: 'd.yaml: 2 problems <x>' },
  { file: 'e.yaml' },
];

const totalsOf = (text: string, name: string): number[] =>
  readMarkup(text, 'xml')
    .tags.filter((tag) => tag.name === name && !tag.closing)
    .map(({ attributes }) => ['tests', 'failures', 'errors'].map((field) => Number(attributes.get(field))))
    .reduce((all, one) => all.map((value, index) => value + (one[index] ?? 0)), [0, 0, 0]);

describe('several runs', () => {
  it('are one line, with every verdict counted and the exit code of all', () => {
    expect(renderTogetherLine(RUNS, 3)).to.equal(
      'faultline runs=5 pass=1 fail=1 inconclusive=0 not_tested=1 not_run=2 exit=3',
    );
  });

  it('are one JUnit document with a suite each, whose totals add up, and an error where there is no result', () => {
    const junit = renderTogetherJunit(RUNS, OBJECTIVES);
    expect(readMarkup(junit, 'xml').problems).to.deep.equal([]);
    expect(totalsOf(junit, 'testsuites')).to.deep.equal(totalsOf(junit, 'testsuite'));
    const [tests = 0, failures = 0, errors = 0] = totalsOf(junit, 'testsuites');
    const alone = [pass, fail, refused].map((result) => totalsOf(renderJunit(result), 'testsuites'));
    expect([tests, failures, errors]).to.deep.equal(
      [0, 1, 2].map((at) => alone.reduce((sum, one) => sum + (one[at] ?? 0), 0) + (at === 1 ? 0 : 2)),
    );
    expect(junit.match(/<testsuite /g)).to.have.length(5);
    expect(junit).to.contain('d.yaml: 2 problems &lt;x&gt;').and.to.contain('it was not begun');
  });

  it('are a table that leads to each report', () => {
    const lines = renderTogetherMarkdown(RUNS).trimEnd().split('\n');
    expect(lines).to.have.length(2 + RUNS.length);
    expect(lines[2]).to.match(/^\| pass \| `a.yaml` \|.*\[report\]\(\.\.\/20261129t004941z-7o4f\/report\.html\) \|$/);
    for (const line of lines) expect(line.replaceAll('\\|', '').split('|'), line).to.have.length(6);
  });

  it('are harmless whatever a run and its file are called', () => {
    const runs = [
      { file: '"><script>|`\u202e', exit: 6, result: hostile },
      { file: ']]>&', problem: '<![CDATA[', exit: 2 },
    ];
    expect(readMarkup(renderTogetherJunit(runs, OBJECTIVES), 'xml').problems).to.deep.equal([]);
  });
});
