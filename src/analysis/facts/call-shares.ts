import { isAt } from '../../model/place.ts';
import { type Block, designEffect } from '../../stats/index.ts';
import { isCallOf, type Route } from '../ingest/path.ts';
import type { Window } from '../timeline/windows.ts';
import type { Sample } from './blocks.ts';
import type { Case } from './case.ts';
import type { CallShares } from './expected-shares.ts';
import type { Site } from './sites.ts';

/** Where calls went in one time: to each place of the clause in its order, elsewhere, and where nobody knows. */
export type CountedShares = {
  readonly places: readonly Sample[];
  readonly elsewhere: Sample;
  /** Names of the places elsewhere that had any. */
  readonly others: readonly string[];
  readonly calls: number;
  /** Counted by the callers' proxies, and not in answers. */
  readonly byProxies: boolean;
  /** Why it is not known where some calls went, or whose they were. */
  readonly doubt: string | undefined;
};

/** The first place that a call was served in; -1 for elsewhere, undefined where nobody knows. */
function placeOf({ to }: CallShares, site: Site): number | undefined {
  for (const [index, { place }] of to.entries()) {
    const isHere = isAt(site, place);
    if (isHere !== false) return isHere === undefined ? undefined : index;
  }
  return -1;
}

type Counting = { readonly routes: Route[][]; readonly others: Set<string>; doubt: string | undefined };

/** Counts the calls of some callers in one part of the run, in whole seconds inside a window. */
export function countShares(run: Case, asked: CallShares, part: 'baseline' | 'home', window: Window): CountedShares {
  const counting: Counting = { routes: [...asked.to, undefined].map(() => []), others: new Set(), doubt: undefined };
  const { seconds, places } = run.listeners;
  const blocksOf = (routes: readonly Route[]): ReadonlyMap<number, number> => seconds.of(routes, part, window);
  for (const route of places.routes) {
    if (route.calls.some((call) => isCallOf(call, asked) !== false) && blocksOf([route]).size > 0) {
      sort(route, asked, counting);
    }
  }
  const all = blocksOf(counting.routes.flat());
  const samples = counting.routes.map((routes): Sample => {
    const hits = blocksOf(routes);
    const blocks = [...all].map(([second, n]): Block => ({ all: n, hits: hits.get(second) ?? 0 }));
    const sum = (of: 'all' | 'hits'): number => blocks.reduce((total, block) => total + block[of], 0);
    return { hits: sum('hits'), all: sum('all'), effect: designEffect(blocks) };
  });
  return {
    places: samples.slice(0, -1),
    elsewhere: samples.at(-1) as Sample,
    others: [...counting.others].sort(),
    calls: samples[0]?.all ?? 0,
    byProxies: counting.routes.flat().some(({ path }) => path.ofProxy),
    doubt: counting.doubt,
  };
}

/** Puts a route where its calls of these callers were served, once for each. */
function sort(route: Route, asked: CallShares, counting: Counting): void {
  for (const call of route.calls) {
    const isOwn = isCallOf(call, asked);
    const place = isOwn ? placeOf(asked, call.site) : undefined;
    if (isOwn === false) continue;
    if (place === undefined) counting.doubt ??= isOwn ? call.site.doubt : call.from.doubt;
    else counting.routes.at(place)?.push(route);
    if (place === -1) counting.others.add(call.site.name);
  }
}
