import type { CallersPlace } from '../../model/place.ts';
import { isCallOf, type Route } from '../ingest/path.ts';
import type { Span, Window } from '../timeline/windows.ts';
import { count, seconds } from './format.ts';
import { STRAY_SHARE } from './home-share.ts';
import type { Site } from './sites.ts';

type Wide = Span & { readonly route: Route; readonly n: number };

/**
 * What proxies counted between readings so far apart that nobody knows of a call in which second it came: it is known where
 * such calls went, and how many, and it counts in a part of the run, and in no second of it.
 */
export class WideReadings {
  readonly #all: Wide[] = [];

  /** `n` calls of a route between two readings. */
  add(route: Route, { from, to }: Span, n: number): void {
    this.#all.push({ route, from, to, n });
  }

  /**
   * Why it is not known what the calls of a service by some callers did in a window: more than strays were counted so, at a
   * place that may not serve them (`isWrong`), and may have come in it. `seen` calls are known of the window.
   */
  doubt(
    callers: { readonly service: string; readonly from: CallersPlace },
    { start, end }: Window,
    seen: number,
    isWrong: (site: Site) => boolean = () => true,
  ): string | undefined {
    const all = this.#all.filter(({ from, to }) => from < end && to > start);
    const own = all.flatMap(({ route, from, to, n }) =>
      route.calls
        .filter((call) => isCallOf(call, callers) !== false)
        .map(({ site }) => ({ site, n, apart: to - from })),
    );
    const wrong = own.filter(({ site }) => isWrong(site));
    const sum = (some: typeof own): number => some.reduce((total, { n }) => total + n, 0);
    if (sum(wrong) <= STRAY_SHARE * (seen + sum(own))) return undefined;
    const longest = wrong.reduce((most, { apart }) => Math.max(most, apart), 0);
    const places = [...new Set(wrong.map(({ site }) => site.name))].sort().join(' and ');
    return `nobody knows in which second ${count(sum(wrong), 'call')} went to ${places}: a proxy was not read for ${seconds(longest)} s`;
  }
}
