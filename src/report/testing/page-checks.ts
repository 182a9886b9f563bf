import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Browser, chromium, type Page } from 'playwright-core';
import { BROKEN_WORDS } from './browser-acts.ts';

/*
 * What a browser is asked of any page that faultline writes. Each resolves to problems in words; the types of the DOM are
 * not ours, so what runs in the page is text.
 */
const CHROMIUM = process.env.CHROMIUM ?? '/usr/bin/chromium';
const ARGS = [
  '--no-sandbox',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--disable-gpu',
];
const STRICT = "sandbox; default-src 'none'; img-src 'self'; style-src 'self'";

/** Serves pages by their paths, with `?strict` under a policy that forbids styles and scripts, to a browser for `check`. */
export async function withBrowser(
  pages: ReadonlyMap<string, string>,
  check: (browser: Browser, base: string) => Promise<void>,
): Promise<void> {
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://127.0.0.1');
    const page = pages.get(url.pathname);
    const policy = url.searchParams.has('strict') ? { 'content-security-policy': STRICT } : {};
    response.writeHead(page === undefined ? 404 : 200, { 'content-type': 'text/html; charset=utf-8', ...policy });
    response.end(page);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const profile = mkdtempSync(join(tmpdir(), 'faultline-browser-'));
  const browser = await chromium.launch({ executablePath: CHROMIUM, args: [...ARGS, `--crash-dumps-dir=${profile}`] });
  try {
    await check(browser, `http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  } finally {
    await browser.close();
    server.close();
    rmSync(profile, { recursive: true, force: true });
  }
}

/** Tells of every request but that for the page itself, and of dialogs, errors and messages. */
export function watched(page: Page, url: string, tell: (problem: string) => void): void {
  page.on('request', (request) => {
    const asked = request.url();
    if (asked !== url && !asked.startsWith('data:')) tell(`asks for ${asked}`);
  });
  page.on('dialog', (dialog) => {
    tell(`dialog ${dialog.message()}`);
    void dialog.dismiss();
  });
  page.on('pageerror', (error) => tell(error.message));
  page.on('console', (message) => tell(`console ${message.text()}`));
}

const TOO_WIDE = 'document.documentElement.scrollWidth - document.documentElement.clientWidth';

/** Whether it is to be moved sideways. */
export async function tooWide(page: Page): Promise<readonly string[]> {
  const width = Number(await page.evaluate(TOO_WIDE));
  return width > 0 ? [`${width} px too wide`] : [];
}

/** Pairs of texts of one picture that lie over each other. */
const OVERLAPS = `[...document.querySelectorAll('svg.pic')].flatMap((picture) => {
  const texts = [...picture.querySelectorAll('text')].map((text) => [text.textContent, text.getBoundingClientRect()]);
  const shown = texts.filter(([text, box]) => text !== '' && box.width > 0);
  return shown.flatMap(([one, a], at) => shown.slice(at + 1).filter(([, b]) =>
    Math.min(a.right, b.right) - Math.max(a.left, b.left) > 1 && Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 3
  ).map(([two]) => one + ' / ' + two));
})`;

export async function overlaps(page: Page): Promise<readonly string[]> {
  return ((await page.evaluate(OVERLAPS)) as string[]).map((pair) => `texts overlap: ${pair}`);
}

export async function brokenWords(page: Page): Promise<readonly string[]> {
  return ((await page.evaluate(BROKEN_WORDS)) as string[]).slice(0, 3).map((word) => `broken word: ${word}`);
}

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
type Audit = { violations: { id: string; nodes: { html: string; failureSummary?: string }[] }[] };

/** What axe-core finds, with every fold open and no rule off. */
export async function audit(page: Page): Promise<readonly string[]> {
  await page.evaluate('for (const one of document.querySelectorAll("details")) one.open = true');
  await page.evaluate(axe);
  const { violations } = (await page.evaluate('axe.run(document, { resultTypes: ["violations"] })')) as Audit;
  return violations.map(
    ({ id, nodes }) =>
      `axe ${id} on ${nodes.length}, first ${nodes[0]?.html.slice(0, 200)} ${nodes[0]?.failureSummary ?? ''}`,
  );
}
