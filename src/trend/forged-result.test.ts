import { expect } from 'chai';
import type { RunResult } from '../model/result.ts';
import { toldBy } from '../report/testing/hostile-texts.ts';
import { readMarkup } from '../report/testing/markup.ts';
import { renderHtml, renderJunit, renderMarkdown, renderOneLine, renderTerminal } from '../report/testing/render.ts';
import { FIXTURES } from '../report/testing/results/index.ts';
import { detailedRun } from './compare/detail.ts';
import { resultProblem } from './read-result.ts';

const HOSTILE =
  '\u202e<img src=x> @octocat ![i](http://evil.example/x) | `x`\n# heading\n::error::x\n##[error]x\u001b[31m';

/** What somebody may write in place of a value, by what it is called; undefined takes it away. */
const FORGED: Readonly<Record<string, unknown>> = {
  text: HOSTILE,
  nothing: null,
  huge: 1e300,
  gone: undefined,
};

const COLUMNS = 6;

/** The same with one entry of each list and a short series: as many fields, read in no time. */
function shortened(value: unknown): unknown {
  if (Array.isArray(value))
    return typeof value[0] === 'object' ? value.slice(-1).map(shortened) : value.slice(0, COLUMNS);
  if (typeof value !== 'object' || value === null) return value;
  const short = Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, shortened(inner)]));
  return 'columns' in short ? { ...short, columns: COLUMNS } : short;
}

/** The way to each field. */
function fieldsOf(value: unknown, way: readonly string[] = []): (readonly string[])[] {
  if (typeof value !== 'object' || value === null) return [way];
  const inside = Object.entries(value).flatMap(([key, inner]) => fieldsOf(inner, [...way, key]));
  return way.length === 0 ? inside : [way, ...inside];
}

/** Looks at a result in which one field is another, and gives it back as it was. */
function forged(result: RunResult, way: readonly string[], value: unknown, look: (altered: RunResult) => void): void {
  const last = way.at(-1) ?? '';
  const parent = way.slice(0, -1).reduce<Record<string, unknown>>((part, key) => part[key] as never, result as never);
  const { [last]: before } = parent;
  if (value === undefined && Array.isArray(parent)) return;
  if (value === undefined) delete parent[last];
  else parent[last] = value;
  look(result);
  parent[last] = before;
}

/** Markdown that is read as such, in what is no code. */
function readMarkdown(text: string): string[] {
  const plain = text.replace(/(`+)(?!`).*?(?<!`)\1(?!`)/g, 'code');
  return [...plain.matchAll(/(?<![\w\\])@(?=\w)|(?<!\\)!\[|<(?!br>)[a-z]|^# /gm)].map(([found]) => found);
}

function expectHarmless(result: RunResult, withPage: boolean, what: string): void {
  const markdown = renderMarkdown(result);
  expect(readMarkdown(markdown), what).to.deep.equal([]);
  const texts = [markdown.replaceAll('@\u2060', '@'), renderJunit(result), renderOneLine(result)];
  const page = withPage ? renderHtml(result) : '';
  if (withPage) {
    const { tags, problems } = readMarkup(page, 'html');
    expect([problems, tags.filter(({ name }) => name === 'img')], what).to.deep.equal([[], []]);
    texts.push(renderTerminal(result, { color: false }), page);
  }
  for (const text of texts) expect(toldBy(text), what).to.deep.equal([]);
  detailedRun(result, 'x');
}

describe('a result.json that somebody has altered', () => {
  for (const name of ['pass', 'fail']) {
    it(`is refused with its field, or told without harm, whichever field it is: ${name}`, () => {
      const result = shortened(FIXTURES[name]) as RunResult;
      const fields = fieldsOf(result);
      let accepted = 0;
      for (const way of fields) {
        for (const [called, value] of Object.entries(FORGED)) {
          forged(result, way, value, (altered) => {
            const problem = resultProblem(altered);
            const what = `${way.join('.')}: ${called}`;
            if (problem === undefined) expectHarmless(altered, accepted++ % 16 === 0, what);
            else expect(toldBy(problem), what).to.deep.equal([]);
          });
        }
      }
      expect(accepted, 'what may be any text or number').to.be.greaterThan(fields.length / 2);
    });
  }
});
