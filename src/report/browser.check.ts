import type { Browser, BrowserContext, Page } from 'playwright-core';
import { SECTIONS } from './anchors.ts';
import { filter, hover, print, readEverywhere, zoom } from './testing/browser-acts.ts';
import { audit, brokenWords, overlaps, tooWide, watched, withBrowser } from './testing/page-checks.ts';
import { renderHtml } from './testing/render.ts';
import { FIXTURES } from './testing/results/index.ts';
import { many } from './testing/results/many.ts';

/*
 * What only a browser can tell, for every fixture, theme and size: no request, dialog, error or policy violation; no
 * sideways scrolling; the verdict in the first screen; no finding of axe-core with no rule off; readable without scripts
 * and under a host policy that forbids styles and scripts; charts are read, zoomed and filtered, and the pages are printed.
 */
const NARROWEST = { width: 320, height: 740 };
const SIZES = [{ width: 1280, height: 720 }, { width: 390, height: 844 }, NARROWEST] as const;

/** Results too large for axe-core in a reasonable time; the same parts stand in the others. */
const UNAUDITED = ['large', 'many'];
/** Of these every list and chart is there. */
const ACTED = ['pass', 'fail'];
const RESULTS = { ...FIXTURES, many: many({ paths: 1000, faults: 1 }) };

const problems: string[] = [];
const pages = new Map(Object.entries(RESULTS).map(([name, result]) => [`/${name}`, renderHtml(result)]));

/** Notes what was found, with the place. */
const note = (what: string, found: readonly string[]): void => {
  problems.push(...found.map((problem) => `${what}: ${problem}`));
};

async function checkLayout(page: Page, what: string, height: number): Promise<void> {
  note(what, await tooWide(page));
  for (const part of height === NARROWEST.height ? ['h1'] : ['h1', '.reason', '.chips']) {
    const box = await page.locator(part).first().boundingBox();
    if (box === null || box.y < 0 || box.y + box.height > height)
      problems.push(`${what}: ${part} not in the first screen`);
  }
}

/** A reader who looks closely, by pointer, by keyboard and on paper. */
async function checkActs(context: BrowserContext, base: string, name: string, what: string): Promise<void> {
  const page = await context.newPage();
  watched(page, `${base}/${name}`, (problem) => note(what, [problem]));
  await page.goto(`${base}/${name}`);
  for (const act of [hover, readEverywhere, zoom, filter]) {
    note(`${what}: ${act.name}`, await act(page));
  }
  note(`${what}, after all that`, await audit(page));
  await page.reload();
  note(`${what}: print`, await print(page));
  await page.close();
}

async function checkPage(
  context: BrowserContext,
  base: string,
  name: string,
  what: string,
  height: number,
): Promise<void> {
  const page = await context.newPage();
  const url = `${base}/${name}`;
  watched(page, url, (problem) => note(what, [problem]));
  await page.goto(url);
  await checkLayout(page, what, height);
  note(what, await overlaps(page));
  if (!name.startsWith('hostile')) note(what, await brokenWords(page));
  if (!UNAUDITED.includes(name) && height !== NARROWEST.height) note(what, await audit(page));
  await page.close();
}

const COLOURS = `new Set([...document.querySelectorAll('svg.pic rect, svg.pic path')].map((mark) => getComputedStyle(mark).fill)).size`;

/** The text must not depend on scripts or styles, and the pictures keep their colours. */
async function checkBare(context: BrowserContext, base: string, name: string): Promise<void> {
  const page = await context.newPage();
  await page.goto(`${base}/${name}?strict`);
  const text = (await page.locator('body').textContent()) ?? '';
  const heading = (await page.locator('h1').textContent()) ?? 'no heading';
  if (!text.includes(heading) || text.length < 1000) problems.push(`${name}, strict host: text is missing`);
  const colours = Number(await page.evaluate(COLOURS));
  if (name === 'pass' && colours < 6) problems.push(`${name}, strict host: only ${colours} colours in the pictures`);
  await page.close();
}

const SECTIONS_SEEN = `[...document.querySelectorAll('section')].filter((one) => one.offsetHeight > 20).length`;

/** Without scripts nothing is missing but the switch, the crosshair and the filter. */
async function checkStill(context: BrowserContext, base: string, name: string): Promise<void> {
  const page = await context.newPage();
  await page.goto(`${base}/${name}`);
  const visible = Number(await page.evaluate(SECTIONS_SEEN));
  if (visible !== SECTIONS.length) problems.push(`${name}, no scripts: ${visible} sections are seen`);
  if ((await page.locator('button, input').count()) > 0)
    problems.push(`${name}, no scripts: a control that does nothing`);
  await page.close();
}

async function checkTheme(browser: Browser, base: string, colorScheme: 'light' | 'dark'): Promise<void> {
  for (const viewport of SIZES) {
    const context = await browser.newContext({ viewport, colorScheme });
    for (const name of Object.keys(RESULTS)) {
      await checkPage(context, base, name, `${name}, ${colorScheme}, ${viewport.width} px`, viewport.height);
    }
    for (const name of ACTED) await checkActs(context, base, name, `${name}, ${colorScheme}, ${viewport.width} px`);
    await context.close();
  }
}

await withBrowser(pages, async (browser, base) => {
  await Promise.all((['light', 'dark'] as const).map((theme) => checkTheme(browser, base, theme)));
  const bare = await browser.newContext({ viewport: SIZES[0] });
  for (const name of Object.keys(RESULTS)) await checkBare(bare, base, name);
  const still = await browser.newContext({ viewport: SIZES[1], javaScriptEnabled: false });
  for (const name of Object.keys(RESULTS)) await checkStill(still, base, name);
});
for (const problem of problems) console.log(problem.replace(/\s+/g, ' '));
console.log(
  `report/browser: ${Object.keys(RESULTS).length} fixtures, 2 themes, ${SIZES.length} sizes: ${problems.length} problems`,
);
process.exitCode = problems.length === 0 ? 0 : 1;
