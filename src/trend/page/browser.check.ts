import type { Browser } from 'playwright-core';
import { hostileTexts } from '../../report/testing/hostile-texts.ts';
import { audit, brokenWords, overlaps, tooWide, watched, withBrowser } from '../../report/testing/page-checks.ts';
import { groupsOf } from '../gate/gate.ts';
import type { RecordedRun } from '../recorded-run.ts';
import { FAILED, found, OPEN, runOf, UNTESTED } from '../testing/runs.ts';
import { renderHistory } from './page.ts';

/*
 * What only a browser can tell of the history page: no request, error or policy violation, no sideways scrolling, no text
 * over another, no word in pieces, no finding of axe-core with no rule off, in both themes and on phones, also on paper and
 * under a host policy that forbids styles.
 */
const SIZES = [
  { width: 1280, height: 720 },
  { width: 390, height: 844 },
  { width: 360, height: 740 },
] as const;

function daily(count: number, changes: (index: number) => Partial<RecordedRun>): RecordedRun[] {
  return Array.from({ length: count }, (_, i) => {
    const startedAt = new Date(Date.UTC(2026, 0, 1 + i)).toISOString();
    return runOf({ runId: `20260101t0000${String(i).padStart(2, '0')}z-aaaa`, startedAt, ...changes(i) });
  });
}

const OUTCOMES: readonly Partial<RecordedRun>[] = [{}, {}, FAILED, {}, OPEN, {}, UNTESTED, {}];
const texts = hostileTexts(5);

const RUNS: Readonly<Record<string, readonly RecordedRun[]>> = {
  none: [],
  one: daily(1, () => ({})),
  usual: daily(60, (i) => ({
    ...OUTCOMES[i % OUTCOMES.length],
    recovery: { lo: 1 + (i % 7) / 10, hi: i % 50 === 9 ? null : 2 },
    recoveryWithin: 5,
    versions: { faultline: '0.1.0', istio: i < 30 ? '1.31.0' : '1.32.0' },
  })),
  scenarios: daily(60, (i) => ({
    ...OUTCOMES[i % OUTCOMES.length],
    scenario: { name: `a-scenario-with-a-rather-long-name-${i % 12}`, sha256: 'x' },
  })),
  hostile: daily(20, () => {
    const text: string = texts.next().value;
    return { reason: text, scenario: { name: text, sha256: '' }, versions: { [text]: text } };
  }),
};
const html = (runs: readonly RecordedRun[]): string =>
  renderHistory(found(...runs), groupsOf(runs), ({ runId }) => `./${runId}/report.html`);
const pages = new Map(Object.entries(RUNS).map(([name, runs]) => [`/${name}`, html(runs)]));

const problems: string[] = [];

async function check(browser: Browser, base: string, colorScheme: 'light' | 'dark'): Promise<void> {
  for (const viewport of SIZES) {
    const context = await browser.newContext({ viewport, colorScheme });
    for (const path of pages.keys()) {
      const what = `${path}, ${colorScheme}, ${viewport.width} px`;
      const page = await context.newPage();
      watched(page, `${base}${path}`, (problem) => problems.push(`${what}: ${problem}`));
      await page.goto(`${base}${path}`);
      const checks = path === '/hostile' ? [tooWide, audit] : [tooWide, overlaps, brokenWords, audit];
      for (const one of checks) problems.push(...(await one(page)).map((problem) => `${what}: ${problem}`));
      await page.emulateMedia({ media: 'print' });
      problems.push(...(await tooWide(page)).map((problem) => `${what}: print: ${problem}`));
      await page.close();
    }
    await context.close();
  }
}

/** Without its styles nothing of the text is missing. */
async function checkBare(browser: Browser, base: string): Promise<void> {
  const page = await browser.newPage({ javaScriptEnabled: false });
  await page.goto(`${base}/usual?strict`);
  const text = (await page.locator('body').textContent()) ?? '';
  for (const run of RUNS.usual ?? [])
    if (!text.includes(run.runId)) problems.push(`strict host: ${run.runId} is missing`);
  await page.close();
}

await withBrowser(pages, async (browser, base) => {
  for (const theme of ['light', 'dark'] as const) await check(browser, base, theme);
  await checkBare(browser, base);
});
for (const problem of problems) console.log(problem.replace(/\s+/g, ' '));
console.log(`history/browser: ${pages.size} pages, 2 themes, ${SIZES.length} sizes: ${problems.length} problems`);
process.exitCode = problems.length === 0 ? 0 : 1;
