import { formatNumber } from './format.ts';

/** Lists as short as this are shown whole. */
const FEW = 8;
/** The most items that are shown of a longer one. */
export const MOST_SHOWN = 40;

/** What is shown of a long list, worst first, and what is only counted. */
type Shortlist<T> = { readonly shown: readonly T[]; readonly rest: readonly T[] };

/**
 * The items that say something: those with a weight, heaviest first, at most 40. A short list is shown whole, in its own
 * order, so that a report of a thousand paths is as readable as one of four.
 */
export function shortlist<T>(items: readonly T[], weightOf: (item: T) => number): Shortlist<T> {
  if (items.length <= FEW) return { shown: items, rest: [] };
  const weighed = items.map((item, at) => ({ item, at, weight: weightOf(item) }));
  const heavy = weighed.filter(({ weight }) => weight > 0).toSorted((a, b) => b.weight - a.weight);
  const shown = heavy.slice(0, MOST_SHOWN);
  const places = new Set(shown.map(({ at }) => at));
  return { shown: shown.map(({ item }) => item), rest: items.filter((_, at) => !places.has(at)) };
}

/** `and 960 more, see result.json`; empty when nothing is left out. */
export function moreText(left: number): string {
  return left > 0 ? `and ${formatNumber(left, 0)} more, see result.json` : '';
}
