import type { Evidence, FaultTimeline, Series } from '../../model/result.ts';
import type { Micros } from '../../model/units.ts';
import { formatNumber, spanText } from '../format.ts';
import { type Html, html } from '../html.ts';
import type { Ink } from '../palette.ts';
import type { View } from '../view.ts';
import { PHASE_WORDS } from '../words.ts';
import type { TimeAxis } from './axis.ts';
import { added, stride, summed } from './columns.ts';
import { fitted, stepAt } from './frame.ts';
import { bar, fill, label, pct, stretched, upright } from './paint.ts';
import { niceTop } from './scale.ts';
import { stepArea } from './steps.ts';

/** One service with the places that served it, nearest region first as the series has them. */
export type Stack = {
  readonly service: string;
  readonly rows: readonly { readonly zone: string; readonly counts: readonly number[] }[];
};

const LANE = 18;
const TITLE = 20;
const STACK = 84;
const DOWN = 46;
const EVENTS = 20;

/** Groups the serving series by service, in the order in which they come. */
export function stacksOf(series: Series): readonly Stack[] {
  const services = new Map<string, { zone: string; counts: readonly number[] }[]>();
  for (const { service, zone, counts } of series.serving) {
    services.set(service, [...(services.get(service) ?? []), { zone, counts }]);
  }
  return [...services].map(([service, rows]) => ({ service, rows }));
}

/** Height of everything `drawTimeline` draws. */
export function timelineHeight(view: View, stacks: readonly Stack[]): number {
  const lanes = TITLE + LANE + (TITLE + LANE) * view.result.faults.length;
  const charts = view.result.series.columns === 0 ? 0 : (TITLE + STACK) * stacks.length + TITLE + DOWN;
  return lanes + charts + TITLE + EVENTS + 4;
}

function phaseLane(view: View, top: number): Html {
  return html`${label(0, top + 14, 'phases', { ink: 'muted', dx: 3 })}${view.result.phases.map(
    ({ phase, start, end }, index) => {
      const [from, to] = [view.axis.x(start), view.axis.x(end)];
      const text = fitted(PHASE_WORDS[phase], to - from);
      return html`<rect x="${pct(from)}" y="${top + TITLE}" width="${pct(to - from)}" height="${LANE}" ${fill(index % 2 === 0 ? 'phaseA' : 'phaseB')}/>${
        text === PHASE_WORDS[phase] ? label(from, top + TITLE + 13, text, { dx: 4 }) : ''
      }`;
    },
  )}`;
}

function endOf(fault: FaultTimeline): Micros | undefined {
  return fault.ended ?? stepAt(fault, 'undo-conflict') ?? stepAt(fault, 'undo-failed');
}

function faultState(fault: FaultTimeline): string {
  if (stepAt(fault, 'not-proven') !== undefined) return 'effect not proven';
  if (stepAt(fault, 'undo-failed') !== undefined) return 'UNDO FAILED';
  if (stepAt(fault, 'undo-conflict') !== undefined) return 'UNDO MET A CONFLICT';
  return fault.ended === undefined ? 'not ended' : 'undone';
}

function faultLane(view: View, fault: FaultTimeline, top: number): Html {
  const { axis, result } = view;
  const requested = stepAt(fault, 'requested');
  if (requested === undefined) return label(0, top + 14, fitted(`fault ${fault.name}: never requested`, 98), { dx: 3 });
  const end = endOf(fault) ?? result.duration;
  const undo = stepAt(fault, 'undo-requested') ?? end;
  const solid = fault.effective ?? undo;
  const y = top + TITLE + 2;
  const open = fault.ended === undefined ? label(axis.x(end), y + 12, '→', { anchor: 'end', ink: 'fail' }) : '';
  const text = fitted(`fault ${fault.name}: requested, on, ${faultState(fault)}`, 98);
  return html`${label(0, top + 14, text, { ink: 'muted', dx: 3 })}${bar(axis.x(requested), axis.x(end), y + 4, LANE - 12, 'neutral')}${
    fault.effective === undefined ? '' : bar(axis.x(solid), axis.x(Math.max(solid, undo)), y, LANE - 4, 'bandEdge')
  }${open}`;
}

/** How a stack is drawn: how many buckets make a column, and the number at the top. */
export type StackScale = {
  readonly from: number;
  readonly columns: number;
  readonly step: number;
  readonly top: number;
};

/** Stacked step areas of one service. */
export function drawStack(view: View, stack: Stack, scale: StackScale, top: number, height: number): Html {
  let base: readonly number[] = new Array<number>(Math.ceil(scale.columns / scale.step)).fill(0);
  const areas = stack.rows.map(({ zone, counts }) => {
    const upper = added(base, summed(counts.slice(scale.from, scale.from + scale.columns), scale.columns, scale.step));
    const d = stepArea(base, upper, scale.top, height);
    base = upper;
    return d === '' ? '' : html`<path d="${d}" ${fill(view.zoneInk(zone))}/>`;
  });
  return stretched(Math.max(1, base.length), top, height, html`${areas}`);
}

/** The highest total of any service in one drawn column. */
export function stackTop(stacks: readonly Stack[], from: number, columns: number, step: number): number {
  let most = 0;
  for (const { rows } of stacks) {
    const total = rows.reduce<number[]>(
      (sum, row) => added(sum, summed(row.counts.slice(from, from + columns), columns, step)),
      [],
    );
    for (const value of total) most = Math.max(most, value);
  }
  return most;
}

/** A count in one drawn column as a rate. */
export function perSecond(count: number, step: number, bucket: Micros): string {
  return bucket <= 0 ? 'unknown' : `${formatNumber(count / ((step * bucket) / 1_000_000), 0)}/s`;
}

function stacksPart(view: View, stacks: readonly Stack[], top: number): Html {
  const { series } = view.result;
  const step = stride(series.columns);
  const most = niceTop(stackTop(stacks, 0, series.columns, step) / ((step * series.bucket) / 1_000_000));
  const scale = { from: 0, columns: series.columns, step, top: most * ((step * series.bucket) / 1_000_000) };
  return html`${stacks.map((stack, index) => {
    const y = top + index * (TITLE + STACK);
    const name = fitted(`${stack.service} served by, 0 to ${formatNumber(most, 0)}/s`, 98);
    return html`${label(0, y + 15, name, { ink: 'muted', dx: 3 })}${drawStack(view, stack, scale, y + TITLE, STACK)}<line x1="0" x2="100%" y1="${y + TITLE + STACK}" y2="${y + TITLE + STACK}" class="s-neutral" stroke="#76818e"/>`;
  })}`;
}

/** Failed requests hanging below a line, one bar a column. */
export function drawFailures(bad: readonly number[], top: number, height: number): Html {
  const most = Math.max(1, ...bad);
  const bars = bad.map((count, at) =>
    count === 0 ? '' : `M${at},0h1v${Number(((count / most) * height).toFixed(1))}h-1z`,
  );
  return stretched(Math.max(1, bad.length), top, height, html`<path d="${bars.join('')}" ${fill('fail')}/>`);
}

function failuresPart(view: View, top: number): Html {
  const { series } = view.result;
  const step = stride(series.columns);
  const bad = added(summed(series.bad, series.columns, step), summed(series.dropped, series.columns, step));
  const most = Math.max(0, ...bad);
  const words =
    most === 0
      ? 'failed requests: none'
      : `failed requests, at most ${formatNumber(most, 0)} in ${spanText(step * series.bucket)}`;
  return html`${label(0, top + 15, fitted(words, 98), { ink: 'muted', dx: 3 })}${drawFailures(bad, top + TITLE, DOWN)}<line x1="0" x2="100%" y1="${top + TITLE}" y2="${top + TITLE}" class="s-neutral" stroke="#76818e"/>`;
}

const SOURCE_INKS: Readonly<Record<Evidence['source'], Ink>> = {
  harness: 'neutral',
  kubernetes: 'z00',
  mesh: 'z20',
  request: 'fail',
};

function eventTicks(rows: readonly Evidence[], axis: TimeAxis, top: number): Html {
  const seen = new Set<string>();
  return html`${rows.map(({ at, source }) => {
    const key = `${source} ${axis.x(at).toFixed(1)}`;
    if (seen.has(key)) return '';
    seen.add(key);
    return upright(axis.x(at), top, top + EVENTS - 4, SOURCE_INKS[source], { width: 2 });
  })}`;
}

/** Everything of the timeline below the guides and above the axis. */
export function drawTimeline(view: View, stacks: readonly Stack[], top: number): Html {
  const { faults, series, evidence } = view.result;
  let y = top + TITLE + LANE;
  const lanes = faults.map((fault, at) => faultLane(view, fault, y + at * (TITLE + LANE)));
  y += faults.length * (TITLE + LANE);
  const charts =
    series.columns === 0
      ? ''
      : html`${stacksPart(view, stacks, y)}${failuresPart(view, y + stacks.length * (TITLE + STACK))}`;
  y += series.columns === 0 ? 0 : stacks.length * (TITLE + STACK) + TITLE + DOWN;
  return html`${phaseLane(view, top)}${lanes}${charts}${label(0, y + 15, 'events: Kubernetes, mesh, request, harness', { ink: 'muted', dx: 3 })}${eventTicks(evidence, view.axis, y + TITLE)}`;
}
