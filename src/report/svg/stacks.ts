import type { Series } from '../../model/result.ts';
import { formatNumber, spanText } from '../format.ts';
import { type Html, html } from '../html.ts';
import { type Ink, PALETTE } from '../palette.ts';
import type { View } from '../view.ts';
import { added, summed } from './columns.ts';
import { fitted } from './frame.ts';
import type { Layers } from './layers.ts';
import { fill, laneTitle, stretched } from './paint.ts';
import type { Readout } from './readout.ts';
import { stepArea } from './steps.ts';
import { TITLE } from './tracks.ts';

/** One service with the places that served it. */
export type Stack = {
  readonly service: string;
  readonly rows: readonly { readonly zone: string; readonly counts: readonly number[] }[];
};

/** The most services that are drawn. */
const MOST_STACKS = 12;

/** The services that a chart has room for: those named first, then the others in the order in which they come. */
export function stacksShown(series: Series, named: readonly string[]): readonly Stack[] {
  const all = stacksOf(series);
  if (all.length <= MOST_STACKS) return all;
  const first = all.filter(({ service }) => named.includes(service));
  const others = all.filter(({ service }) => !named.includes(service));
  const kept = new Set([...first, ...others].slice(0, MOST_STACKS));
  return all.filter((stack) => kept.has(stack));
}

/** Groups the serving series by service, in the order in which they come. */
export function stacksOf(series: Series): readonly Stack[] {
  const services = new Map<string, { zone: string; counts: readonly number[] }[]>();
  for (const { service, zone, counts } of series.serving) {
    const rows = services.get(service) ?? [];
    rows.push({ zone, counts });
    services.set(service, rows);
  }
  return [...services].map(([service, rows]) => ({ service, rows }));
}

/** Which buckets are drawn, how many of them make a column, and the count at the top of the scale. */
type StackScale = {
  readonly from: number;
  readonly columns: number;
  readonly step: number;
  readonly top: number;
};

function columnsOf(counts: readonly number[], scale: Omit<StackScale, 'top'>): number[] {
  return summed(counts.slice(scale.from, scale.from + scale.columns), scale.columns, scale.step);
}

/** The highest total of any service in one drawn column. */
export function stackTop(stacks: readonly Stack[], scale: Omit<StackScale, 'top'>): number {
  let most = 0;
  for (const { rows } of stacks) {
    const total = rows.reduce<number[]>((sum, row) => added(sum, columnsOf(row.counts, scale)), []);
    for (const value of total) most = Math.max(most, value);
  }
  return most;
}

/** A base line across a chart. */
export function baseLine(y: number): Html {
  return html`<line x1="0" x2="100%" y1="${y}" y2="${y}" class="s-neutral" stroke="${PALETTE.neutral[0]}"/>`;
}

/** Who served the services at a moment: a row for each zone, a group for each service. */
export function stackRows(stacks: readonly Stack[], scale: Omit<StackScale, 'top'>): Readout['rows'] {
  return stacks.flatMap(({ service, rows }) =>
    rows.map(({ zone, counts }) => ({ group: service, name: zone, values: columnsOf(counts, scale) })),
  );
}

/** Who served one service: step areas stacked by zone. */
export function drawStack(
  view: View,
  stack: Stack,
  scale: StackScale,
  top: number,
  height: number,
  words: string,
): Layers {
  let base: readonly number[] = new Array<number>(Math.ceil(scale.columns / scale.step)).fill(0);
  const areas = stack.rows.map(({ zone, counts }) => {
    const upper = added(base, columnsOf(counts, scale));
    const d = stepArea(base, upper, scale.top, height);
    base = upper;
    return d === '' ? '' : html`<path d="${d}" ${fill(view.zoneInk(zone))}/>`;
  });
  const y = top + TITLE;
  return {
    marks: html`${stretched(Math.max(1, base.length), y, height, html`${areas}`)}${baseLine(y + height)}`,
    titles: laneTitle(top, fitted(`${stack.service} served by${words}`, 98)),
  };
}

/** Counts hanging below a line, one bar a column. `span` is how long a column lasts. */
function drawHanging(
  counts: readonly number[],
  top: number,
  height: number,
  span: number,
  name: string,
  ink: Ink,
): Layers {
  const most = Math.max(0, ...counts);
  const bars = counts.map((count, at) =>
    count === 0 ? '' : `M${at},0h1v${Number(((count / most) * height).toFixed(1))}h-1z`,
  );
  const words = most === 0 ? `${name}: none` : `${name}, at most ${formatNumber(most, 0)} in ${spanText(span)}`;
  const y = top + TITLE;
  return {
    marks: html`${stretched(Math.max(1, counts.length), y, height, html`<path d="${bars.join('')}" ${fill(ink)}/>`)}${baseLine(y)}`,
    titles: laneTitle(top, fitted(words, 98)),
  };
}

/** Bad requests, and nothing else. */
export function drawBad(bad: readonly number[], top: number, height: number, span: number): Layers {
  return drawHanging(bad, top, height, span, 'failed requests', 'fail');
}

/** Requests of which nothing is known. */
export function drawUnknown(unknown: readonly number[], top: number, height: number, span: number): Layers {
  return drawHanging(unknown, top, height, span, 'unknown (dropped or lost)', 'neutral');
}
