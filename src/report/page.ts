import { createHash } from 'node:crypto';
import type { ObjectiveWords } from '../model/objective.ts';
import type { RunResult } from '../model/result.ts';
import { cursorOf } from './cursor.ts';
import { oneLine } from './escape.ts';
import { FACE_WORDS, type Face, faceColour, faceOf } from './face.ts';
import { type Html, html, joined, trusted } from './html.ts';
import { SCRIPT } from './script/index.ts';
import { budgetSection } from './sections/budget.ts';
import { ejectionsSection } from './sections/ejections.ts';
import { evidenceSection } from './sections/evidence.ts';
import { header } from './sections/header.ts';
import { latencySection } from './sections/latency.ts';
import { orderSection } from './sections/order.ts';
import { predictionSection } from './sections/prediction.ts';
import { recoverySection } from './sections/recovery.ts';
import { reproduceSection } from './sections/reproduce.ts';
import { rollbackSection } from './sections/rollback.ts';
import { timelineSection } from './sections/timeline.ts';
import { verdictSection } from './sections/verdict.ts';
import { STYLE } from './style.ts';
import { viewOf } from './view.ts';

function hashOf(text: string): string {
  return `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
}

/** Nothing may be loaded, sent or framed; only our own style and script run, known by their hashes. */
function policy(): string {
  return `default-src 'none'; style-src ${hashOf(STYLE)}; script-src ${hashOf(SCRIPT)}; img-src data:; base-uri 'none'; form-action 'none'`;
}

const ICONS: Readonly<Record<Face, string>> = {
  pass: '<circle cx="8" cy="8" r="8"/>',
  fail: '<path d="M0 0h16v16H0z"/>',
  inconclusive: '<path d="M8 0l8 16H0z"/>',
  untested: '<path d="M0 5h16v6H0z"/>',
};

function icon(face: Face): string {
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16" fill="${faceColour(face)}">${ICONS[face]}</svg>`;
  return `data:image/svg+xml,${encodeURIComponent(svg)}`;
}

/** What is always written together with the page. */
const BESIDE = ['result.json', 'junit.xml', 'summary.md'] as const;

function footer(result: RunResult): Html {
  const files = BESIDE.map((name) => html`<a href="${name}">${name}</a>`);
  return html`<footer><p>Made by faultline ${oneLine(result.run.tool.version, 30)} from record format ${oneLine(result.format, 40)}. Beside this page, and not needed to read it: ${joined(files, ', ')}, history.ndjson, requests.ndjson, journal.ndjson.</p></footer>`;
}

/**
 * The whole report as one HTML file: no network, no neighbour, readable without scripts and without styles. The same
 * result always gives the same bytes.
 */
export function renderHtml(result: RunResult, objectives: readonly ObjectiveWords[]): string {
  const view = viewOf(result, objectives);
  const face = faceOf(result);
  const title = `${FACE_WORDS[face].word}: ${oneLine(result.run.scenario.name, 120)}`;
  const cursor = cursorOf(result);
  const zero = result.zero === undefined ? '' : html` data-zero="${result.zero}"`;
  const sections = [
    verdictSection,
    timelineSection,
    orderSection,
    recoverySection,
    budgetSection,
    latencySection,
    ejectionsSection,
    predictionSection,
    evidenceSection,
    reproduceSection,
    rollbackSection,
  ].map((render) => render(view));
  return html`<!DOCTYPE html>
<html lang="en" data-began="${oneLine(result.startedAt, 40)}" data-phases="${cursor.phases}" data-columns="${cursor.columns}" data-counts="${cursor.counts}" data-told="${cursor.told}" data-zones="${cursor.zones}" data-services="${cursor.services}"${zero}><head><meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="${trusted(policy())}"><meta name="viewport" content="width=device-width, initial-scale=1"><meta name="color-scheme" content="light dark"><meta name="referrer" content="no-referrer"><title>${title}</title><link rel="icon" href="${icon(face)}"><style>${trusted(STYLE)}</style></head><body><a class="skip" href="#verdict">Skip to the verdict</a>${header(view)}<main>${sections}</main>${footer(result)}<script>${trusted(SCRIPT)}</script></body></html>
`.text;
}
