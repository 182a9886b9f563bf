import type { Series } from '../../model/result.ts';
import { formatNumber } from '../format.ts';
import type { View } from '../view.ts';
import { stride, summed } from './columns.ts';
import { type Layers, stacked } from './layers.ts';
import { niceTop } from './scale.ts';
import { drawBad, drawStack, drawUnknown, type Stack, stackTop } from './stacks.ts';
import { eventTrack, faultTrack, kubeTrack, phaseTrack, TITLE, TRACK } from './tracks.ts';

const STACK = 84;
const DOWN = 46;
const TRACK_ROOM = TITLE + TRACK;

/** Requests of which nothing is known have a track of their own, where there are any: they are no failures. */
function hasUnknown(series: Series): boolean {
  return series.dropped.some((count) => count > 0);
}

function hasEvents({ result: { kubeEvents } }: View): boolean {
  return kubeEvents !== undefined && kubeEvents.events.length > 0;
}

/** Height of everything `drawTimeline` draws. */
export function timelineHeight(view: View, stacks: readonly Stack[]): number {
  const { faults, series } = view.result;
  const charts =
    series.columns === 0 ? 0 : (TITLE + STACK) * stacks.length + (TITLE + DOWN) * (hasUnknown(series) ? 2 : 1);
  return TRACK_ROOM * (faults.length + (hasEvents(view) ? 3 : 2)) + charts + 4;
}

function trafficParts(view: View, stacks: readonly Stack[], top: number): readonly Layers[] {
  const { series } = view.result;
  if (series.columns === 0) return [];
  const step = stride(series.columns);
  const window = { from: 0, columns: series.columns, step };
  const seconds = (step * series.bucket) / 1_000_000;
  const most = niceTop(stackTop(stacks, window) / seconds);
  const words = `, 0 to ${formatNumber(most, 0)}/s`;
  const scale = { ...window, top: most * seconds };
  const column = step * series.bucket;
  const below = top + stacks.length * (TITLE + STACK);
  return [
    ...stacks.map((stack, at) => drawStack(view, stack, scale, top + at * (TITLE + STACK), STACK, words)),
    drawBad(summed(series.bad, series.columns, step), below, DOWN, column),
    ...(hasUnknown(series)
      ? [drawUnknown(summed(series.dropped, series.columns, step), below + TITLE + DOWN, DOWN, column)]
      : []),
  ];
}

/** Everything of the timeline between the names of the faults and the axis. */
export function drawTimeline(view: View, stacks: readonly Stack[], top: number): Layers {
  const { faults } = view.result;
  const told = top + TRACK_ROOM * (faults.length + 1);
  const traffic = told + (hasEvents(view) ? TRACK_ROOM : 0);
  const events = top + timelineHeight(view, stacks) - TRACK_ROOM - 4;
  return stacked([
    phaseTrack(view, top),
    ...faults.map((fault, at) => faultTrack(view, fault, top + TRACK_ROOM * (at + 1))),
    ...(hasEvents(view) ? [kubeTrack(view, told)] : []),
    ...trafficParts(view, stacks, traffic),
    eventTrack(view, events),
  ]);
}
