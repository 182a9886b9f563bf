import type { Page } from 'playwright-core';

/*
 * What a reader does with a page in a browser. Each resolves to problems in words; the types of the DOM are not ours, so
 * what runs in the page is text.
 */

/** A page of A4 in points, and how many a report may have. */
const MOST_PAGES = 12;

async function readoutOf(page: Page): Promise<string> {
  return String(
    await page.evaluate(`document.querySelector('.cross:not([hidden]):not(.far) span')?.textContent ?? ''`),
  );
}

async function widthOf(page: Page): Promise<number> {
  return Number(await page.evaluate(`document.querySelector('#timeline .chart svg').getBoundingClientRect().width`));
}

/** Reads a chart by pointer and by keyboard: time, phase, requests and who served. */
export async function hover(page: Page): Promise<readonly string[]> {
  const probe = page.locator('#timeline .probe').first();
  await probe.scrollIntoViewIfNeeded();
  const box = await probe.boundingBox();
  if (box === null) return ['no chart to read'];
  await page.mouse.move(box.x + box.width * 0.6, box.y + box.height / 2);
  const pointed = await readoutOf(page);
  await page.mouse.move(0, 0);
  const gone = await readoutOf(page);
  await probe.focus();
  await page.keyboard.press('End');
  const last = Number(await probe.getAttribute('aria-valuenow'));
  await page.keyboard.press('ArrowLeft');
  const before = Number(await probe.getAttribute('aria-valuenow'));
  const said = (await probe.getAttribute('aria-valuetext')) ?? '';
  return [
    ...(/(T0|start)[+−]\d+\.\d{3} s/.test(pointed) && /\d+ good, \d+ bad/.test(pointed) ? [] : [`says ${pointed}`]),
    ...(/\n.+ +\d/.test(pointed.split('\n').slice(2).join('\n').padStart(1, '\n')) ? [] : ['no values of the chart']),
    ...(gone === '' ? [] : ['the line stays when the pointer has left']),
    ...(before < last ? [] : [`the arrow key went from ${last} to ${before}`]),
    ...(/\d+ good/.test(said) ? [] : [`the keyboard hears ${said}`]),
  ];
}

/** What of the box of values is beyond its chart, at the left and at the right, or more than it has room for, in pixels. */
const CUT = `(() => {
  const label = document.querySelector('.cross:not([hidden]):not(.far) span');
  const [box, chart] = [label.getBoundingClientRect(), label.closest('.chart').getBoundingClientRect()];
  return Math.max(chart.left - box.left, box.right - chart.right, label.scrollWidth - label.clientWidth);
})()`;

/** Points at several places of every chart: the values are there as a whole. */
export async function readEverywhere(page: Page): Promise<readonly string[]> {
  const problems: string[] = [];
  for (const [at, probe] of (await page.locator('.probe').all()).entries()) {
    if (!(await probe.isVisible())) continue;
    await probe.scrollIntoViewIfNeeded();
    const box = await probe.boundingBox();
    for (const part of [0.01, 0.3, 0.49, 0.51, 0.7, 0.99]) {
      if (box === null) continue;
      await page.mouse.move(box.x + box.width * part, box.y + box.height / 2);
      const cut = Number(await page.evaluate(CUT));
      if (cut > 1) problems.push(`chart ${at}, ${part * 100} %: ${cut.toFixed(0)} px of the values are cut off`);
    }
  }
  return problems;
}

/** Zooms by dragging and by keys, and comes back. */
export async function zoom(page: Page): Promise<readonly string[]> {
  const probe = page.locator('#timeline .probe').first();
  const whole = await widthOf(page);
  await probe.scrollIntoViewIfNeeded();
  const box = await probe.boundingBox();
  if (box === null) return ['no chart to zoom'];
  const y = box.y + box.height / 2;
  await page.mouse.move(box.x + box.width * 0.4, y);
  await page.mouse.down();
  await page.mouse.move(box.x + box.width * 0.65, y, { steps: 3 });
  await page.mouse.up();
  const dragged = await widthOf(page);
  const all = Number(await page.evaluate(`document.querySelectorAll('.chart.zoomed').length`));
  await page.locator('.state button', { hasText: 'whole run' }).click();
  const back = await widthOf(page);
  await probe.focus();
  await page.keyboard.press('+');
  const keyed = await widthOf(page);
  await page.keyboard.press('0');
  return [
    ...(Math.abs(dragged / whole - 4) < 0.2 ? [] : [`a quarter is ${dragged} of ${whole} px`]),
    ...(all > 1 ? [] : ['the other charts did not zoom']),
    ...(back === whole && (await widthOf(page)) === whole ? [] : ['the whole run does not come back']),
    ...(Math.abs(keyed / whole - 2) < 0.1 ? [] : [`the key + made ${keyed} of ${whole} px`]),
  ];
}

const SHOWN = `[...document.querySelectorAll('#verdict [data-filter] tbody tr')].filter((row) => row.offsetHeight > 0)`;

/** Filters findings by verdict, zone and service, and shows all again. */
export async function filter(page: Page): Promise<readonly string[]> {
  const problems: string[] = [];
  const count = async (): Promise<number> => Number(await page.evaluate(`${SHOWN}.length`));
  const whole = await count();
  for (const kind of await page.locator('.filters button:not([value=""])').all()) {
    const verdict = (await kind.getAttribute('value')) ?? '';
    await kind.click();
    const wrong = Number(
      await page.evaluate(`${SHOWN}.filter((row) => !row.classList.contains('r-${verdict}')).length`),
    );
    if (wrong > 0 || (await count()) === 0) problems.push(`the filter ${verdict} shows ${wrong} others`);
  }
  const again = page.locator('.state button', { hasText: 'show all' });
  if (whole > 0 && (await again.isVisible())) await again.click();
  for (const select of await page.locator('.filters select').all()) {
    const names = await select.locator('option').allTextContents();
    await select.selectOption(names[1] ?? '');
    const told = String(await page.evaluate(`document.querySelector('.filters .count').textContent`));
    if (!/^\d+ of \d+ findings$/.test(told)) problems.push(`filtered by ${names[1]}, it says ${told}`);
    if (whole > 4 && (await count()) >= whole) problems.push(`filtered by ${names[1]}, all is shown`);
    await again.click();
  }
  if ((await count()) !== whole) problems.push('not all is shown again');
  return problems;
}

/** Prints to A4: few pages, no control, a line to sign. */
export async function print(page: Page): Promise<readonly string[]> {
  const pdf = (await page.pdf({ format: 'A4' })).toString('latin1');
  const pages = (pdf.match(/\/Type\s*\/Page[^s]/g) ?? []).length;
  await page.emulateMedia({ media: 'print' });
  const controls = Number(
    await page.evaluate(
      `[...document.querySelectorAll('button, select, input, .cross, nav')].filter((one) => one.getClientRects().length > 0).length`,
    ),
  );
  const sign = await page.locator('.sign').isVisible();
  await page.emulateMedia({ media: 'screen' });
  return [
    ...(pages <= MOST_PAGES ? [] : [`${pages} pages of A4`]),
    ...(controls === 0 ? [] : [`${controls} controls are printed`]),
    ...(sign ? [] : ['no line to sign']),
  ];
}

/**
 * Names of services, zones and clusters that are broken within a syllable: each line of a word that wraps must end where a
 * reader would break it (`-`, `/`, `@`, `.`, `:`), unless the word alone is wider than its place.
 */
export const BROKEN_WORDS = `[...document.querySelectorAll('td, th, dd, dt, li, p, h1, h2, h3, figcaption')].flatMap((place) => {
  if (place.getClientRects().length === 0 || place.clientWidth < 40) return [];
  const walker = document.createTreeWalker(place, 4);
  const found = [];
  while (walker.nextNode()) {
    const node = walker.currentNode;
    if (node.parentElement.closest('td, th, dd, dt, li, p, h1, h2, h3, figcaption') !== place || node.parentElement.closest('pre, code, .sub, .perma, .quote')) continue;
    for (const word of node.data.matchAll(/[A-Za-z]{3,}/g)) {
      const range = document.createRange();
      range.setStart(node, word.index);
      range.setEnd(node, word.index + word[0].length);
      const lines = new Set([...range.getClientRects()].filter((box) => box.width > 0).map((box) => Math.round(box.top)));
      if (lines.size > 1) found.push(word[0] + ' in ' + place.textContent.slice(0, 60));
    }
  }
  return found;
})`;
