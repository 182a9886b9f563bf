import { scaleLinear } from 'd3-scale';

/** The number, or 0 where it is none: a picture has no place for it. */
export function finite(value: number | undefined): number {
  return value !== undefined && Number.isFinite(value) ? value : 0;
}

/** A round number at or a little above the largest value; 1 when there is none. */
export function niceTop(largest: number): number {
  if (!(largest > 0) || !Number.isFinite(largest)) return 1;
  return scaleLinear().domain([0, largest]).nice(4).domain()[1] ?? largest;
}

/** Round values from 0 to `top`, for ruled lines. */
export function ruled(top: number, count = 3): readonly number[] {
  return scaleLinear().domain([0, top]).ticks(count);
}
