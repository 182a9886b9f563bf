import { expect } from 'chai';
import type { RunResult } from '../model/result.ts';
import { readMarkup, visibleText } from './testing/markup.ts';
import { renderHtml, renderJunit, renderMarkdown, renderOneLine, renderTerminal } from './testing/render.ts';
import { FIXTURES } from './testing/results/index.ts';

/** The same result with every number replaced. */
function withNumbers(value: unknown, replace: (number: number) => number): unknown {
  if (typeof value === 'number') return replace(value);
  if (Array.isArray(value)) return value.map((item) => withNumbers(item, replace));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, withNumbers(item, replace)]));
}

const STRANGE: Readonly<Record<string, (number: number) => number>> = {
  'not a number': () => Number.NaN,
  'without end': () => Number.POSITIVE_INFINITY,
  nothing: () => 0,
  negative: (number) => -number,
  'far too large': (number) => number * 1e12,
};

describe('report: numbers that nobody expects', () => {
  for (const [name, replace] of Object.entries(STRANGE)) {
    it(`are said in words and break no shape: ${name}`, () => {
      for (const [which, fixture] of Object.entries(FIXTURES)) {
        if (which === 'large') continue;
        const columns = Math.min(fixture.series.columns, 20);
        const changed = withNumbers(fixture, replace) as RunResult;
        const result = { ...changed, exitCode: fixture.exitCode, series: { ...changed.series, columns } };
        const texts = [renderMarkdown(result), renderTerminal(result, { color: false }), renderOneLine(result)];
        const page = renderHtml(result);
        expect(readMarkup(page, 'html').problems).to.deep.equal([]);
        expect(readMarkup(renderJunit(result), 'xml').problems).to.deep.equal([]);
        for (const text of [...texts, visibleText(page), renderJunit(result)]) {
          const own = text.replace(/"raw":.*/g, '');
          expect(own).to.not.match(/\b(NaN|undefined|Infinity)\b/);
        }
        const attributes = page
          .replace(/<(pre|script)[\s\S]*?<\/\1>/g, '')
          .match(/\S+="[^"]*\b(NaN|undefined|Infinity)\b[^"]*"/g);
        expect(attributes).to.equal(null);
      }
    });
  }
});
