import type { PathStream, Route } from '../ingest/path.ts';
import type { Segment } from '../timeline/windows.ts';
import type { Case } from './case.ts';
import { list } from './format.ts';
import type { HomeGroup } from './homes.ts';

/** Calls of one service from one zone, of which some left it: `12 of 200 calls of mockb from north-c went to south-h`. */
export type Stray = {
  readonly service: string;
  readonly fromZone: string;
  readonly away: number;
  readonly text: string;
};

/** All calls of one service from one zone, and where those went that left it. */
type Calls = { readonly service: string; readonly fromZone: string; all: number; readonly places: Map<string, number> };

/** `only`: of one service and zone of callers; else of all. */
function callsBy(
  run: Case,
  routes: Iterable<Route>,
  segments: readonly Segment[],
  only?: Pick<HomeGroup, 'service' | 'fromZone'>,
): Map<string, Calls> {
  const groups = new Map<string, Calls>();
  for (const route of routes) {
    const n = run.listeners.places.count(route, segments);
    if (n === 0) continue;
    for (const { service, fromZone, zone } of route.calls) {
      if (only !== undefined && (only.service !== service || only.fromZone !== fromZone)) continue;
      const key = `${service}\u0000${fromZone}`;
      const calls = groups.get(key) ?? { service, fromZone, all: 0, places: new Map() };
      groups.set(key, calls);
      calls.all += n;
      if (zone !== fromZone) calls.places.set(zone, (calls.places.get(zone) ?? 0) + n);
    }
  }
  return groups;
}

function strayIn({ service, fromZone, all, places }: Calls): Stray {
  const sorted = [...places].sort(([, a], [, b]) => b - a);
  const away = sorted.reduce((sum, [, n]) => sum + n, 0);
  const where = list(sorted.map(([zone]) => zone));
  return { service, fromZone, away, text: `${away} of ${all} calls of ${service} from ${fromZone} went to ${where}` };
}

/** What strayed of the calls of one service from one zone; undefined where nothing did. */
export function strayOf(run: Case, group: HomeGroup, segments: readonly Segment[]): Stray | undefined {
  const { service, fromZone, home, away } = group;
  const calls = callsBy(run, new Set([...home, ...away]), segments, group).get(`${service}\u0000${fromZone}`);
  return calls === undefined || calls.places.size === 0 ? undefined : strayIn(calls);
}

/** The service and zone of callers that strayed most in some part of the run, and where to; on one path, or on all. */
export function worstStray(run: Case, segments: readonly Segment[], path?: PathStream): Stray | undefined {
  const { places } = run.listeners;
  const groups = callsBy(run, path === undefined ? places.routes : places.routesOf(path), segments);
  const strays = [...groups.values()].filter((calls) => calls.places.size > 0).map(strayIn);
  return strays.sort((a, b) => b.away - a.away || (a.text < b.text ? -1 : 1))[0];
}
