import { oneLine } from '../../report/escape.ts';
import { html } from '../../report/html.ts';
import { PALETTE } from '../../report/palette.ts';
import type { RecordedRun } from '../recorded-run.ts';

const CHAR = 6.6;
const PAD = 8;

/** What the badge says: of one kind of runs how the last ended, of several how many of the last ones passed, and when. */
function messageOf(groups: readonly (readonly RecordedRun[])[]): {
  text: string;
  ink: 'pass' | 'fail' | 'inconclusive';
} {
  const last = groups.flatMap((runs) => runs.at(-1) ?? []);
  const passed = last.filter(({ outcome }) => outcome === 'pass').length;
  const day =
    last
      .map(({ startedAt }) => startedAt.slice(0, 10))
      .sort()
      .at(-1) ?? 'never';
  const isGood = last.length > 0 && passed === last.length;
  const isBad = last.some(({ outcome }) => outcome === 'fail' || outcome === 'error');
  const [only] = last;
  const said = last.length === 1 && only !== undefined ? only.outcome : `${passed} of ${last.length} pass`;
  return {
    text: `${said}, ${oneLine(day, 10)}`,
    ink: isGood ? 'pass' : isBad ? 'fail' : 'inconclusive',
  };
}

/** A badge for a README, as an SVG that needs nothing else. */
export function renderBadge(groups: readonly (readonly RecordedRun[])[]): string {
  const name = 'failover drills';
  const { text, ink } = messageOf(groups);
  const [left, right] = [name, text].map((part) => Math.round(part.length * CHAR + 2 * PAD)) as [number, number];
  const words = `${name}: ${text}`;
  return html`<svg xmlns="http://www.w3.org/2000/svg" width="${left + right}" height="20" role="img" aria-label="${words}"><title>${words}</title><rect width="${left}" height="20" fill="${PALETTE.guide[0]}"/><rect x="${left}" width="${right}" height="20" fill="${PALETTE[ink][0]}"/><g fill="#ffffff" font-family="Verdana, DejaVu Sans, sans-serif" font-size="11"><text x="${PAD}" y="14" textLength="${left - 2 * PAD}">${name}</text><text x="${left + PAD}" y="14" textLength="${right - 2 * PAD}">${text}</text></g></svg>
`.text;
}
