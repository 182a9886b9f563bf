import { createHash } from 'node:crypto';
import { Script } from 'node:vm';
import { expect } from 'chai';
import { anchorOf, SECTIONS } from './anchors.ts';
import { tellable } from './face.ts';
import { figuresOf } from './figures.ts';
import { SCRIPT } from './script/index.ts';
import { readMarkup, visibleText } from './testing/markup.ts';
import { renderHtml, worded } from './testing/render.ts';
import { PAYLOADS } from './testing/results/hostile.ts';
import { FIXTURES } from './testing/results/index.ts';

const ALLOWED_TAGS = new Set(
  'figure figcaption html head meta title link style body a header p b span nav ul li main section div svg path rect line circle g text tspan desc h1 h2 h3 dl dt dd ol table caption thead tbody tr th td details summary pre code strong footer script br'.split(
    ' ',
  ),
);

const DASHBOARD_FILE = 'k6-dashboard.html';
/** What is always written together with the page. */
const BESIDE: readonly string[] = ['result.json', 'junit.xml', 'summary.md'];

function attributesOf(source: string, name: string): string[] {
  return readMarkup(source, 'html').tags.flatMap(({ attributes }) => attributes.get(name) ?? []);
}

for (const [name, result] of Object.entries(FIXTURES)) {
  describe(`report/page: ${name}`, () => {
    const page = renderHtml(result);
    const markup = readMarkup(page, 'html');

    it('is balanced markup of known tags, without handlers or inline styles', () => {
      expect(markup.problems).to.deep.equal([]);
      for (const tag of markup.tags) {
        expect(ALLOWED_TAGS.has(tag.name), tag.name).to.equal(true);
        for (const attribute of tag.attributes.keys()) expect(attribute).to.not.match(/^on|^style$|^src|^srcdoc$/);
      }
    });

    it('leads nowhere outside itself but to files beside it', () => {
      expect(attributesOf(page, 'src')).to.deep.equal([]);
      const hrefs = attributesOf(page, 'href').filter((href) => href !== DASHBOARD_FILE && !BESIDE.includes(href));
      for (const href of hrefs) expect(href).to.match(/^#|^data:image\/svg\+xml,/);
      expect(page.replace(/<pre[\s\S]*?<\/pre>/g, '')).to.not.match(/@import|url\(/);
    });

    it('has unique ids, and every link resolves', () => {
      const ids = attributesOf(page, 'id');
      expect(new Set(ids).size).to.equal(ids.length);
      for (const href of attributesOf(page, 'href').filter((link) => link.startsWith('#'))) {
        expect(ids, href).to.include(href.slice(1));
      }
      const labels = [...attributesOf(page, 'aria-labelledby')].flatMap((list) => list.split(' '));
      for (const label of labels) expect(ids).to.include(label);
    });

    it('has one h1, the ten sections and headings without gaps', () => {
      const levels = markup.tags
        .filter(({ name: tag, closing }) => /^h\d$/.test(tag) && !closing)
        .map((tag) => Number(tag.name[1]));
      expect(levels.filter((level) => level === 1)).to.have.length(1);
      for (const [at, level] of levels.entries()) expect(level - (levels[at - 1] ?? 0)).to.be.at.most(1);
      const sections = markup.tags
        .filter((tag) => tag.name === 'section' && !tag.closing)
        .map((tag) => tag.attributes.get('id'));
      expect(sections).to.deep.equal([...SECTIONS]);
    });

    it('shows every finding with the figures that it has', () => {
      const text = visibleText(page).replace(/\s+/g, ' ');
      for (const finding of tellable(worded(result)).idle) expect(page).to.include(`id="${anchorOf(finding.id)}"`);
      for (const finding of tellable(worded(result)).told) {
        expect(page).to.include(`id="${anchorOf(finding.id)}"`);
        for (const figure of Object.values(figuresOf(finding))) expect(text).to.include(figure);
        const shown = finding.evidence.filter((id) => result.evidence.some((row) => row.id === id));
        for (const id of shown.slice(0, 6)) expect(page).to.include(`href="#${anchorOf(id)}"`);
      }
    });

    it('says unknown things in words', () => {
      expect(visibleText(page)).to.not.match(/\b(undefined|NaN|Infinity|null)\b|\[object/);
      expect(page).to.not.match(/="(undefined|NaN%?|null|Infinity)"/);
      expect(attributesOf(page, 'd').join(' ')).to.not.match(/NaN|Infinity|undefined/);
    });

    it('gives every picture a title, a description and every table scoped heads', () => {
      for (const tag of markup.tags.filter((one) => one.name === 'svg' && !one.closing)) {
        const known =
          tag.attributes.get('role') === 'img'
            ? tag.attributes.has('aria-labelledby')
            : tag.attributes.get('aria-hidden') === 'true';
        expect(known).to.equal(true);
      }
      for (const tag of markup.tags.filter((one) => one.name === 'th' && !one.closing)) {
        expect(tag.attributes.get('scope')).to.match(/^(row|col)$/);
      }
    });

    it('is the same twice', () => {
      expect(renderHtml(result)).to.equal(page);
    });

    it('carries a policy that allows exactly its own style and script', () => {
      const policy = attributesOf(page, 'content').find((content) => content.startsWith('default-src')) ?? '';
      for (const part of ['style', 'script']) {
        const inline = new RegExp(`<${part}>([\\s\\S]*?)</${part}>`).exec(page)?.[1] ?? '';
        const hash = createHash('sha256').update(inline).digest('base64');
        expect(policy).to.include(`${part}-src 'sha256-${hash}'`);
      }
      expect(policy).to.match(/^default-src 'none';/);
    });
  });
}

describe('report/page: the dashboard of the load generator', () => {
  const stages = FIXTURES.stages ?? expect.fail('stages');
  const linksWith = (loadDashboard: string): string[] =>
    attributesOf(renderHtml({ ...stages, loadDashboard }), 'href').filter(
      (href) => !/^#|^data:/.test(href) && !BESIDE.includes(href),
    );

  it('is linked in the appendix, from wherever the folder of the run is', () => {
    expect(linksWith(DASHBOARD_FILE)).to.deep.equal([DASHBOARD_FILE]);
    const text = visibleText(renderHtml(stages)).replace(/\s+/g, ' ');
    expect(text).to.include(
      `Appendix k6's own dashboard: ${DASHBOARD_FILE} beside this page, load as k6 saw it, without faults and phases.`,
    );
  });

  it('is not spoken of where there is none', () => {
    const page = renderHtml(FIXTURES.pass ?? expect.fail('pass'));
    expect(page).to.not.include('Appendix').and.to.not.include('dashboard');
  });

  for (const name of ['', '.', '..', '../a.html', 'a/b.html', '/a.html', '\\a.html', 'javascript:a', ...PAYLOADS]) {
    it(`is not shown under the name ${JSON.stringify(name)}`, () => {
      const page = renderHtml({ ...stages, loadDashboard: name });
      expect(linksWith(name)).to.deep.equal([]);
      expect(page).to.not.include('Appendix');
    });
  }
});

describe('report/page: the script', () => {
  it('is JavaScript that parses', () => {
    expect(() => new Script(SCRIPT)).to.not.throw();
  });
});

describe('report/page: budgets', () => {
  const bytes = (name: string): number => Buffer.byteLength(renderHtml(FIXTURES[name] ?? expect.fail(name)));

  it('stays within its sizes', () => {
    expect(bytes('empty')).to.be.at.most(60 * 1024);
    expect(bytes('pass')).to.be.at.most(600 * 1024);
    expect(bytes('large')).to.be.at.most(1024 * 1024);
    expect(Buffer.byteLength(SCRIPT)).to.be.at.most(14 * 1024);
  });

  it('puts the verdict, the reason and what was put back before everything else', () => {
    const page = visibleText(renderHtml(FIXTURES.interrupted ?? expect.fail('interrupted'))).replace(/\s+/g, ' ');
    const order = [
      'FAIL',
      'Not everything was put back: 1 object left in tokyo.',
      'interrupted',
      'NOT PUT BACK, 1 left',
      'embedded sandbox',
      'What happened',
    ];
    const places = order.map((words) => page.indexOf(words, page.lastIndexOf('Reproduce Put back')));
    expect(places).to.deep.equal(places.toSorted((a, b) => a - b));
    expect(places[0]).to.be.greaterThan(0);
  });
});
