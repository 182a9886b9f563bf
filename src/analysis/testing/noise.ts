/** Numbers of requests that independent noise of this rate makes bad, of `all`; in order. */
export function strays(random: () => number, rate: number, all: number): number[] {
  const numbers: number[] = [];
  if (rate <= 0) return numbers;
  // From one to the next it is a geometric step, so that long samples cost no more than their errors.
  const step = (): number => 1 + Math.floor(Math.log(1 - random()) / Math.log1p(-rate));
  for (let at = step() - 1; at < all; at += step()) numbers.push(at);
  return numbers;
}

/** The same in bursts of `size` in a row that come independently; `rate` is that of the requests. They may begin before. */
export function bursts(random: () => number, rate: number, size: number, all: number): number[] {
  const starts = strays(random, 1 - (1 - rate) ** (1 / size), all + size - 1);
  const bad = starts.flatMap((start) => Array.from({ length: size }, (_, i) => start - size + 1 + i));
  return [...new Set(bad)].filter((at) => at >= 0 && at < all);
}
