import { scaleLinear } from 'd3-scale';
import type { RunResult } from '../../model/result.ts';
import type { Micros } from '../../model/units.ts';
import { finite } from './scale.ts';

type Tick = {
  readonly x: number;
  readonly at: Micros;
  readonly text: string;
  /** Left out on a phone. */
  readonly wide: boolean;
};

/** Run time across the width of a picture, 0 to 100 percent. */
export type TimeAxis = {
  readonly start: Micros;
  readonly end: Micros;
  readonly x: (at: Micros) => number;
  readonly ticks: readonly Tick[];
  /** What the numbers at the ticks are. */
  readonly unit: string;
};

const LONG_SECONDS = 1200;
/** More labels than this would touch each other on a phone, the ones at the edges first. */
const PHONE_LABELS = 4.5;

function tickText(value: number, unit: string): string {
  const short = Number(value.toFixed(6));
  if (short === 0) return '0';
  return `${short < 0 ? '−' : '+'}${Math.abs(short)} ${unit}`;
}

/** An axis over a span of run time; its numbers count from T0, or from the start of the run when there is none. */
export function timeAxis(start: Micros, end: Micros, zero: Micros | undefined): TimeAxis {
  const first = finite(start);
  const last = finite(end) > first ? finite(end) : first + 1_000_000;
  const long = last - first > LONG_SECONDS * 1_000_000;
  const unit = long ? 'min' : 's';
  const factor = long ? 60_000_000 : 1_000_000;
  const origin = finite(zero);
  const scale = scaleLinear()
    .domain([(first - origin) / factor, (last - origin) / factor])
    .range([0, 100]);
  const values = scale.ticks(8);
  const anchor = Math.max(values.indexOf(0), 0);
  const every = Math.ceil(values.length / PHONE_LABELS);
  const ticks = values.map((value, index) => ({
    x: scale(value),
    at: origin + value * factor,
    text: tickText(value, unit),
    wide: (index - anchor) % every !== 0,
  }));
  return {
    start: first,
    end: last,
    ticks,
    x: (at) => Math.min(100, Math.max(0, finite(scale((at - origin) / factor)))),
    unit: `${long ? 'minutes' : 'seconds'} since ${zero === undefined ? 'the start of the run' : 'T0'}`,
  };
}

/** The one axis that all time charts of a report share. */
export function runAxis(result: Pick<RunResult, 'series' | 'duration' | 'zero'>): TimeAxis {
  const { start, bucket, columns } = result.series;
  const end = columns > 0 ? Math.max(result.duration, start + bucket * columns) : result.duration;
  return timeAxis(0, end, result.zero);
}
