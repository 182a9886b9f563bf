import type { Load } from './scenario.ts';

/** What says of a load how many requests it sends. */
export type Rated = Pick<Load, 'ratePerSecond'> & {
  readonly paths: readonly Pick<Load['paths'][number], 'name' | 'ratePerSecond'>[];
};

/** Requests per second on a path, by the name of its request; the load's own where it has none. */
export function ratesOf({ ratePerSecond, paths }: Rated): (name: string) => number {
  const own = new Map(
    paths.flatMap(({ name, ratePerSecond: rate }) => (rate === undefined ? [] : [[name, rate] as const])),
  );
  return (name) => own.get(name) ?? ratePerSecond;
}

/** Of every request of the load; its own rate where it has none. */
function allRates(load: Rated): readonly number[] {
  const of = ratesOf(load);
  return load.paths.length === 0 ? [load.ratePerSecond] : load.paths.map(({ name }) => of(name));
}

/** What takes so many requests takes longest on the slowest path. */
export function slowestRate(load: Rated): number {
  return Math.min(...allRates(load));
}

export function fastestRate(load: Rated): number {
  return Math.max(...allRates(load));
}

/** On one path of each request together. */
export function rateOfAll(load: Rated): number {
  return allRates(load).reduce((sum, rate) => sum + rate, 0);
}

/** `50/s`, or each where they differ: `50/s on entry, 5/s on order`. `shown`: a number in words. */
export function rateText(load: Rated, shown: (rate: number) => string = plain): string {
  const [first = load.ratePerSecond, ...others] = allRates(load);
  if (others.every((rate) => rate === first)) return `${shown(first)}/s`;
  const of = ratesOf(load);
  return load.paths.map(({ name }) => `${shown(of(name))}/s on ${name}`).join(', ');
}

function plain(rate: number): string {
  return String(Number(rate.toFixed(2)));
}
