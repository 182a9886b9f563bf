import { formatNumber } from '../format.ts';
import { html } from '../html.ts';
import { type Ink, PALETTE } from '../palette.ts';
import type { Layers } from './layers.ts';
import { laneTitle, stretched } from './paint.ts';
import { niceTop } from './scale.ts';
import { baseLine } from './stacks.ts';
import { stepLine } from './steps.ts';
import { TITLE } from './tracks.ts';

/** A step line of a chart. The dash pattern tells lines apart without colour. */
type Curve = { readonly values: readonly (number | null)[]; readonly ink: Ink; readonly dash?: string };

/** Height of `drawLines`. */
export function linesHeight(plot: number): number {
  return TITLE + plot;
}

/** Step lines on one linear scale from 0, with the scale said in the line above. */
export function drawLines(lines: readonly Curve[], words: string, unit: string, top: number, plot: number): Layers {
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
  return {
    marks: html`${stretched(columns, top + TITLE, plot, html`${paths}`)}${baseLine(top + TITLE + plot)}`,
    titles: laneTitle(top, title),
  };
}
