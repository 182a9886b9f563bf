import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';
import { SECTIONS } from './anchors.ts';
import { FIXTURES } from './fixtures/index.ts';
import { many } from './fixtures/many.ts';
import { BROKEN_WORDS, filter, hover, print, zoom } from './testing/browser-acts.ts';
import { renderHtml } from './testing/render.ts';

/*
 * What only a browser can tell, for every fixture, theme and size: no request, dialog, error or policy violation; no
 * sideways scrolling; the verdict in the first screen; no finding of axe-core with no rule off; readable without scripts
 * and under a host policy that forbids styles and scripts; charts are read, zoomed and filtered, and the pages are printed.
 */
const CHROMIUM = process.env.CHROMIUM ?? '/usr/bin/chromium';
const ARGS = [
  '--no-sandbox',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--disable-gpu',
];
const NARROWEST = { width: 360, height: 740 };
const SIZES = [{ width: 1280, height: 720 }, { width: 390, height: 844 }, NARROWEST] as const;
const STRICT = "sandbox; default-src 'none'; img-src 'self'; style-src 'self'";

/** Results too large for axe-core in a reasonable time; the same parts stand in the others. */
const UNAUDITED = ['large', 'many'];
/** Of these every list and chart is there. */
const ACTED = ['pass', 'fail'];
const RESULTS = { ...FIXTURES, many: many({ paths: 1000, faults: 1 }) };

const problems: string[] = [];
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const pages = new Map(Object.entries(RESULTS).map(([name, result]) => [`/${name}`, renderHtml(result)]));

const server = createServer((request, response) => {
  const url = new URL(request.url ?? '/', 'http://127.0.0.1');
  const page = pages.get(url.pathname);
  const policy = url.searchParams.has('strict') ? { 'content-security-policy': STRICT } : {};
  response.writeHead(page === undefined ? 404 : 200, { 'content-type': 'text/html; charset=utf-8', ...policy });
  response.end(page);
});

function watched(page: Page, what: string, url: string): void {
  page.on('request', (request) => {
    const asked = request.url();
    if (asked !== url && !asked.startsWith('data:')) problems.push(`${what}: asks for ${asked}`);
  });
  page.on('dialog', (dialog) => {
    problems.push(`${what}: dialog ${dialog.message()}`);
    void dialog.dismiss();
  });
  page.on('pageerror', (error) => problems.push(`${what}: ${error.message}`));
  page.on('console', (message) => problems.push(`${what}: console ${message.text()}`));
}

const TOO_WIDE = 'document.documentElement.scrollWidth - document.documentElement.clientWidth';

async function checkLayout(page: Page, what: string, height: number): Promise<void> {
  const width = Number(await page.evaluate(TOO_WIDE));
  if (width > 0) problems.push(`${what}: ${width} px too wide`);
  for (const part of height === NARROWEST.height ? ['h1'] : ['h1', '.reason', '.chips']) {
    const box = await page.locator(part).first().boundingBox();
    if (box === null || box.y < 0 || box.y + box.height > height)
      problems.push(`${what}: ${part} not in the first screen`);
  }
}

/** Pairs of texts of one picture that lie over each other; the types of the DOM are not ours, so it is text. */
const OVERLAPS = `[...document.querySelectorAll('svg.pic')].flatMap((picture) => {
  const texts = [...picture.querySelectorAll('text')].map((text) => [text.textContent, text.getBoundingClientRect()]);
  const shown = texts.filter(([text, box]) => text !== '' && box.width > 0);
  return shown.flatMap(([one, a], at) => shown.slice(at + 1).filter(([, b]) =>
    Math.min(a.right, b.right) - Math.max(a.left, b.left) > 1 && Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 3
  ).map(([two]) => one + ' / ' + two));
})`;

async function checkOverlap(page: Page, what: string): Promise<void> {
  for (const pair of (await page.evaluate(OVERLAPS)) as string[]) problems.push(`${what}: texts overlap: ${pair}`);
}

async function checkWords(page: Page, what: string): Promise<void> {
  if (what.startsWith('hostile')) return;
  for (const word of ((await page.evaluate(BROKEN_WORDS)) as string[]).slice(0, 3))
    problems.push(`${what}: broken word: ${word}`);
}

/** A reader who looks closely, by pointer, by keyboard and on paper. */
async function checkActs(context: BrowserContext, base: string, name: string, what: string): Promise<void> {
  const page = await context.newPage();
  watched(page, what, `${base}/${name}`);
  await page.goto(`${base}/${name}`);
  for (const act of [hover, zoom, filter]) {
    for (const problem of await act(page)) problems.push(`${what}: ${act.name}: ${problem}`);
  }
  await checkAxe(page, `${what}, after all that`);
  await page.reload();
  for (const problem of await print(page)) problems.push(`${what}: print: ${problem}`);
  await page.close();
}

type Audit = { violations: { id: string; nodes: { html: string; failureSummary?: string }[] }[] };

async function checkAxe(page: Page, what: string): Promise<void> {
  await page.evaluate('for (const one of document.querySelectorAll("details")) one.open = true');
  await page.evaluate(axe);
  const audit = (await page.evaluate('axe.run(document, { resultTypes: ["violations"] })')) as Audit;
  for (const { id, nodes } of audit.violations) {
    problems.push(
      `${what}: axe ${id} on ${nodes.length}, first ${nodes[0]?.html.slice(0, 200)} ${nodes[0]?.failureSummary ?? ''}`,
    );
  }
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
  watched(page, what, url);
  await page.goto(url);
  await checkLayout(page, what, height);
  await checkOverlap(page, what);
  await checkWords(page, what);
  if (!UNAUDITED.includes(name) && height !== NARROWEST.height) await checkAxe(page, what);
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

await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
const profile = mkdtempSync(join(tmpdir(), 'faultline-browser-'));
const browser = await chromium.launch({ executablePath: CHROMIUM, args: [...ARGS, `--crash-dumps-dir=${profile}`] });
try {
  await Promise.all((['light', 'dark'] as const).map((theme) => checkTheme(browser, base, theme)));
  const bare = await browser.newContext({ viewport: SIZES[0] });
  for (const name of Object.keys(RESULTS)) await checkBare(bare, base, name);
  const still = await browser.newContext({ viewport: SIZES[1], javaScriptEnabled: false });
  for (const name of Object.keys(RESULTS)) await checkStill(still, base, name);
} finally {
  await browser.close();
  server.close();
  rmSync(profile, { recursive: true, force: true });
}
for (const problem of problems) console.log(problem.replace(/\s+/g, ' '));
console.log(
  `report/browser: ${Object.keys(RESULTS).length} fixtures, 2 themes, ${SIZES.length} sizes: ${problems.length} problems`,
);
process.exitCode = problems.length === 0 ? 0 : 1;
