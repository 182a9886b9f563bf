import { isAt, placeText } from '../../model/place.ts';
import { isCallOf, type PathStream, type Route } from '../ingest/path.ts';
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

/** Calls by the service and the zone of their callers; at home is who was served there. */
function callsBy(run: Case, routes: Iterable<Route>, segments: readonly Segment[]): Map<string, Calls> {
  const groups = new Map<string, Calls>();
  for (const route of routes) {
    const n = run.listeners.places.count(route, segments);
    if (n === 0) continue;
    for (const { service, fromZone, zone } of route.calls) {
      const key = `${service}\u0000${fromZone}`;
      const calls = groups.get(key) ?? { service, fromZone, all: 0, places: new Map() };
      groups.set(key, calls);
      calls.all += n;
      if (zone !== fromZone) calls.places.set(zone, (calls.places.get(zone) ?? 0) + n);
    }
  }
  return groups;
}

function strayIn({ service, fromZone, all, places }: Calls, callers = fromZone): Stray {
  const sorted = [...places].sort(([, a], [, b]) => b - a);
  const away = sorted.reduce((sum, [, n]) => sum + n, 0);
  const where = list(sorted.map(([zone]) => zone));
  return { service, fromZone, away, text: `${away} of ${all} calls of ${service} from ${callers} went to ${where}` };
}

/** What strayed of the calls of one service from one zone; undefined where nothing did. */
export function strayOf(run: Case, group: HomeGroup, segments: readonly Segment[]): Stray | undefined {
  const { service, fromZone, from, place } = group;
  const calls: Calls = { service, fromZone, all: 0, places: new Map() };
  for (const route of new Set([...group.home, ...group.away])) {
    const n = run.listeners.places.count(route, segments);
    for (const call of n === 0 ? [] : route.calls.filter((one) => isCallOf(one, { service, from }))) {
      calls.all += n;
      const { site } = call;
      if (!isAt(site, place)) calls.places.set(site.name, (calls.places.get(site.name) ?? 0) + n);
    }
  }
  return calls.places.size === 0 ? undefined : strayIn(calls, placeText(from));
}

/** The service and zone of callers that strayed most in some part of the run, and where to; on one path, or on all. */
export function worstStray(run: Case, segments: readonly Segment[], path?: PathStream): Stray | undefined {
  const { places } = run.listeners;
  const groups = callsBy(run, path === undefined ? places.routes : places.routesOf(path), segments);
  const strays = [...groups.values()].filter((calls) => calls.places.size > 0).map((calls) => strayIn(calls));
  return strays.sort((a, b) => b.away - a.away || (a.text < b.text ? -1 : 1))[0];
}
