import { formatNumber } from '../format.ts';
import { type Html, html } from '../html.ts';
import { type Ink, PALETTE } from '../palette.ts';
import { label, stretched } from './paint.ts';
import { niceTop } from './scale.ts';
import { stepLine } from './steps.ts';

/** A step line of a chart. The dash pattern tells lines apart without colour. */
export type Line = { readonly values: readonly (number | null)[]; readonly ink: Ink; readonly dash?: string };

const TITLE = 20;

/** Height of `drawLines`. */
export function linesHeight(plot: number): number {
  return TITLE + plot;
}

/** Step lines on one linear scale from 0, with the scale said in the line above. */
export function drawLines(lines: readonly Line[], words: string, unit: string, top: number, plot: number): Html {
  const most = niceTop(Math.max(0, ...lines.flatMap(({ values }) => values.map((value) => value ?? 0))));
  const columns = Math.max(1, ...lines.map(({ values }) => values.length));
  const paths = lines.map(({ values, ink, dash }) => {
    const d = stepLine(values, most, plot);
    const pattern = dash === undefined ? '' : html` stroke-dasharray="${dash}"`;
    return d === ''
      ? ''
      : html`<path d="${d}" class="s-${ink}" stroke="${PALETTE[ink][0]}" stroke-width="2" fill="none" vector-effect="non-scaling-stroke"${pattern}/>`;
  });
  const title = `${words}, 0 to ${formatNumber(most, 2)}${unit}`;
  return html`${label(0, top + 15, title, { ink: 'muted', dx: 3 })}${stretched(columns, top + TITLE, plot, html`${paths}`)}<line x1="0" x2="100%" y1="${top + TITLE + plot}" y2="${top + TITLE + plot}" class="s-neutral" stroke="#76818e"/>`;
}
