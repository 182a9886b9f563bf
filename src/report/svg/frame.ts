import type { FaultTimeline, Guide, RunResult } from '../../model/result.ts';
import type { Micros } from '../../model/units.ts';
import { oneLine } from '../escape.ts';
import { type Html, html } from '../html.ts';
import type { TimeWords } from '../time.ts';
import type { TimeAxis } from './axis.ts';
import type { Layers } from './layers.ts';
import { fill, label, pct, picture, upright } from './paint.ts';
import { type Readout, readoutAttributes } from './readout.ts';

/*
 * The frame that every time chart has: the same axis, the same band with the same name for each fault, and the same
 * guides. Positions are percentages, so text keeps its size on a phone; what must not collide is judged there.
 */

const PHONE_PX = 330;
const CHAR_PX = 6.4;
const ROW = 15;
const MOST_BANDS = 3;

/** About how many characters fit into a share of the width on a phone. */
export function roomFor(percent: number): number {
  return Math.floor((percent / 100) * (PHONE_PX / CHAR_PX));
}

/** Cuts a label to the room it has; nothing when not even a few characters fit. */
export function fitted(text: string, percent: number): string {
  const room = roomFor(percent);
  const whole = oneLine(text, 80);
  if (whole.length <= room) return whole;
  return room < 4 ? '' : `${whole.slice(0, room - 1)}…`;
}

export type Band = { readonly name: string; readonly start: Micros; readonly end: Micros; readonly open: boolean };

/** When each fault was on, from its effect (or its acknowledgement) to its end. */
export function bandsOf(result: Pick<RunResult, 'faults' | 'duration'>): readonly Band[] {
  return result.faults.flatMap((fault) => {
    const start = fault.effective ?? stepAt(fault, 'acknowledged');
    if (start === undefined) return [];
    const end = fault.ended ?? result.duration;
    return [{ name: fault.name, start, end: Math.max(end, start), open: fault.ended === undefined }];
  });
}

/** When a fault reached a step of its life, if it did. */
export function stepAt(fault: FaultTimeline, step: FaultTimeline['steps'][number]['step']): Micros | undefined {
  return fault.steps.find((entry) => entry.step === step)?.at;
}

type Cluster = { readonly x: number; readonly text: string };

function joinedIds(ids: readonly string[]): string {
  return ids.length > 2 ? `${ids[0]}–${ids.at(-1)}` : ids.join(', ');
}

/** Guides that would collide on a phone share one label: `T0–T2`. */
export function guideLabels(guides: readonly Guide[], axis: TimeAxis): readonly Cluster[] {
  const inside = guides
    .filter((guide) => guide.at >= axis.start && guide.at <= axis.end)
    .toSorted((a, b) => a.at - b.at);
  const groups: { x: number; ids: string[] }[] = [];
  for (const guide of inside) {
    const x = axis.x(guide.at);
    const last = groups.at(-1);
    if (last !== undefined && x - last.x < 12) last.ids.push(guide.id);
    else groups.push({ x, ids: [guide.id] });
  }
  return groups.map(({ x, ids }) => ({ x, text: joinedIds(ids) }));
}

function bandLabel(band: Band, axis: TimeAxis, row: number): Html {
  const start = axis.x(band.start);
  const left = start > 60;
  const x = left ? axis.x(band.end) : start;
  const text = fitted(`fault ${band.name}`, left ? x - 2 : 98 - x);
  return label(x, row * ROW + 11, text, { ink: 'bandEdge', anchor: left ? 'end' : 'start', dx: left ? -3 : 3 });
}

function bandMarks(bands: readonly Band[], axis: TimeAxis, bottom: number): Html {
  return html`${bands.map((band, row) => {
    const [from, to] = [axis.x(band.start), axis.x(band.end)];
    const top = Math.min(row, MOST_BANDS - 1) * ROW;
    return html`<rect x="${pct(from)}" y="${top}" width="${pct(to - from)}" height="${bottom - top}" ${fill('band')}/>${upright(from, top, bottom, 'bandEdge')}${band.open ? '' : upright(to, top, bottom, 'bandEdge')}`;
  })}`;
}

function tickMarks(axis: TimeAxis, top: number, bottom: number): Html {
  return html`${axis.ticks.map((tick) => upright(tick.x, top, bottom, 'grid'))}`;
}

function tickLabels(axis: TimeAxis, y: number, clock?: TimeWords): Html {
  return html`${axis.ticks.map((tick) => {
    const anchor = tick.x < 5 ? 'start' : tick.x > 95 ? 'end' : 'middle';
    const options = { anchor, ink: 'muted', wide: tick.wide } as const;
    return html`${label(tick.x, y, tick.text, options)}${clock === undefined ? '' : label(tick.x, y + 14, clock.clock(tick.at).slice(0, 8), { ...options, size: 11 })}`;
  })}`;
}

type TimeChart = {
  readonly id: string;
  readonly title: string;
  readonly desc: string;
  readonly axis: TimeAxis;
  readonly bands: readonly Band[];
  readonly guides: readonly Guide[];
  /** Height of the drawing between the labels above and the axis below. */
  readonly plot: number;
  /** Draws the plot; `top` is where it begins. */
  readonly draw: (top: number) => Layers;
  /** Wall-clock times under the numbers of the axis. */
  readonly clock?: TimeWords;
  /** What it says at a moment, beside the time and the requests. */
  readonly readout?: Readout;
};

/** A time chart with bands, guides and axis around what `draw` draws. */
export function timeChart(chart: TimeChart): Html {
  const { axis, guides } = chart;
  const bands = chart.bands.filter(({ start, end }) => start <= axis.end && end >= axis.start);
  const named = bands.slice(0, MOST_BANDS);
  const head = named.length * ROW + (guides.length > 0 ? ROW : 0) + 3;
  const bottom = head + chart.plot;
  const labels = guideLabels(guides, axis);
  const inside = guides.filter((guide) => guide.at >= axis.start && guide.at <= axis.end);
  const drawn = chart.draw(head);
  const body = html`${bandMarks(bands, axis, bottom)}${tickMarks(axis, head, bottom)}${drawn.marks}${inside.map(
    (guide) => upright(axis.x(guide.at), head - 3, bottom, 'guide', { dash: '3 3' }),
  )}${named.map((band, row) => bandLabel(band, axis, row))}${labels.map(({ x, text }) =>
    label(x, head - 6, text, { anchor: x > 88 ? 'end' : 'start', dx: x > 88 ? -3 : 3, size: 11, ink: 'guide' }),
  )}${drawn.titles}<g class="ticks">${tickLabels(axis, bottom + 15, chart.clock)}</g>`;
  const height = bottom + (chart.clock === undefined ? 20 : 34);
  return html`<div class="chart" data-start="${axis.start}" data-end="${axis.end}"${chart.readout === undefined ? '' : readoutAttributes(chart.readout)}>${picture({ ...chart, height }, body)}</div>`;
}
