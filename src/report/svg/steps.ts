/*
 * Paths in a coordinate system of columns across and pixels down. Equal neighbours are written once, so that a
 * quiet stretch costs nothing.
 */

function level(value: number, top: number, height: number): number {
  return Number((height * (1 - value / top)).toFixed(1));
}

/** The top edge of a step area from left to right, as path commands after its first point. */
function edge(levels: readonly number[]): string {
  let path = '';
  let now = levels[0];
  for (const [column, next] of levels.entries()) {
    if (next === now) continue;
    path += `H${column}V${next}`;
    now = next;
  }
  return `${path}H${levels.length}`;
}

function backEdge(levels: readonly number[]): string {
  let path = '';
  let now = levels.at(-1);
  for (let column = levels.length - 1; column > 0; column -= 1) {
    const next = levels[column - 1];
    if (next === now) continue;
    path += `H${column}V${next}`;
    now = next;
  }
  return `${path}H0Z`;
}

/** The area between two step lines; empty where they are equal everywhere. */
export function stepArea(lower: readonly number[], upper: readonly number[], top: number, height: number): string {
  const ups = upper.map((value) => level(value, top, height));
  const lows = lower.map((value) => level(value, top, height));
  if (ups.length === 0 || ups.every((value, at) => value === lows[at])) return '';
  return `M0,${ups[0]}${edge(ups)}V${lows.at(-1)}${backEdge(lows)}`;
}

/** A step line with gaps where there is no value. A lone value is one column wide. */
export function stepLine(values: readonly (number | null)[], top: number, height: number): string {
  let path = '';
  let before: number | null = null;
  for (const [column, value] of values.entries()) {
    if (value === null) {
      if (before !== null) path += `H${column}`;
      before = null;
      continue;
    }
    const y = level(Math.min(value, top), top, height);
    if (before === null) path += `M${column},${y}`;
    else if (y !== before) path += `H${column}V${y}`;
    before = y;
  }
  return before === null ? path : `${path}H${values.length}`;
}
