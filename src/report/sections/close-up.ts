import type { Guide } from '../../model/result.ts';
import type { Micros } from '../../model/units.ts';
import { formatNumber, spanText } from '../format.ts';
import { type Html, html } from '../html.ts';
import { timeAxis } from '../svg/axis.ts';
import { timeChart } from '../svg/frame.ts';
import { stacked } from '../svg/layers.ts';
import { drawBad, drawStack, type Stack, stackRows, stackTop } from '../svg/stacks.ts';
import { TITLE } from '../svg/tracks.ts';
import type { View } from '../view.ts';

const FEWEST_COLUMNS = 24;
const MOST_OF_RUN = 0.3;
const STACK = 56;
const DOWN = 30;

function at(guides: readonly Guide[], id: Guide['id']): Micros | undefined {
  return guides.find((guide) => guide.id === id)?.at;
}

/** The buckets around the failover, or nothing when the run is too short for a closer look. */
function windowOf(view: View): { from: number; columns: number } | undefined {
  const { guides, series, zero } = view.result;
  const last = at(guides, 'T3') ?? at(guides, 'T2') ?? at(guides, 'T1');
  if (zero === undefined || last === undefined || !(series.bucket > 0)) return undefined;
  const span = Math.max(FEWEST_COLUMNS * series.bucket, (last - zero) * 2.5);
  if (!(span > 0) || span > series.columns * series.bucket * MOST_OF_RUN) return undefined;
  const from = Math.max(0, Math.floor((zero - series.start - span * 0.25) / series.bucket));
  const columns = Math.min(series.columns - from, Math.ceil(span / series.bucket));
  return columns > 1 ? { from, columns } : undefined;
}

/** The seconds around the failover at full resolution, where the whole run has no room for them. */
export function closeUp(whole: View, stacks: readonly Stack[]): Html {
  const window = windowOf(whole);
  if (window === undefined) return html``;
  const { series, zero, guides } = whole.result;
  const { from, columns } = window;
  const start = series.start + from * series.bucket;
  const axis = timeAxis(start, start + columns * series.bucket, zero);
  const view = { ...whole, axis };
  const shown = { from, columns, step: 1 };
  const scale = { ...shown, top: Math.max(1, stackTop(stacks, shown)) };
  const room = TITLE + STACK;
  const chart = timeChart({
    id: 'ui-pic-close',
    title: `Close-up of the failover, ${spanText(columns * series.bucket)}`,
    desc: `The same data as the timeline at full resolution, ${spanText(series.bucket)} a column; at most ${formatNumber(scale.top, 0)} hops of a service in one.`,
    axis,
    bands: view.bands,
    guides,
    plot: stacks.length * room + TITLE + DOWN,
    readout: { start, step: series.bucket, rows: stackRows(stacks, shown) },
    draw: (y) =>
      stacked([
        ...stacks.map((stack, at) => drawStack(view, stack, scale, y + at * room, STACK, '')),
        drawBad(series.bad.slice(from, from + columns), y + stacks.length * room, DOWN, series.bucket),
      ]),
  });
  return html`<h3>Close-up of the failover</h3><p class="lead">The ${spanText(columns * series.bucket)} around T0, ${spanText(series.bucket)} a column. This chart alone has its own axis.</p>${chart}`;
}
