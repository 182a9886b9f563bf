import { expect } from 'chai';
import { readMarkup, visibleText } from './testing/markup.ts';
import { renderHtml, renderMarkdown, renderTerminal } from './testing/render.ts';
import { type Much, many } from './testing/results/many.ts';

const MOST_BYTES = 1.5 * 1024 * 1024;
const MOST_LINES = 150;

const SIZES: readonly Much[] = [
  { paths: 1000, faults: 1 },
  { paths: 1000, faults: 1, allFail: true },
  { paths: 400, faults: 20 },
  { paths: 400, faults: 20, allFail: true },
];

for (const much of SIZES) {
  describe(`report: ${much.paths} paths, ${much.faults} faults${much.allFail === true ? ', all failing' : ''}`, () => {
    const result = many(much);
    const page = renderHtml(result);
    const text = visibleText(page).replace(/\s+/g, ' ');
    const failing = result.findings.filter(({ verdict }) => verdict === 'fail').length;

    it('stays small, whole and readable', () => {
      expect(Buffer.byteLength(page)).to.be.at.most(MOST_BYTES);
      const { problems, tags } = readMarkup(page, 'html');
      expect(problems).to.deep.equal([]);
      const attributes = (name: string) => tags.flatMap((tag) => tag.attributes.get(name) ?? []);
      const ids = new Set(attributes('id'));
      expect(ids.size).to.equal(attributes('id').length);
      for (const href of attributes('href').filter((one) => one.startsWith('#'))) {
        expect(ids.has(href.slice(1)), href).to.equal(true);
      }
      expect(renderTerminal(result, { color: false }).split('\n').length).to.be.at.most(MOST_LINES);
      expect(renderMarkdown(result)).to.not.include('Cut here');
    });

    it('loses no fail: what has no row is counted, and the reason is on the page', () => {
      expect(text).to.include(`${failing.toLocaleString('en-US')} fail`);
      expect(text).to.include(`Recovery time: ${(failing - 20).toLocaleString('en-US')} more findings with FAIL`);
      expect(text).to.match(/[\d,]+ of them bad or not passing, see result\.json/);
      const bad = result.budget.paths.filter((path) => path.bad > 0).length - 40;
      const words =
        bad > 0 ? `${bad.toLocaleString('en-US')} with bad requests, see result.json` : 'none with a bad request';
      expect(text).to.include(`more paths, ${words}`);
      expect(page).to.include(`id="${result.reasonFinding}"`);
    });
  });
}
