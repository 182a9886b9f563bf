import type { PathStream } from '../ingest/path.ts';
import type { Segment } from '../timeline/windows.ts';
import type { Case } from './case.ts';
import { list } from './format.ts';
import type { HomeGroup } from './homes.ts';

/** Where the calls of one service from one zone went that left it, most first; on one path, or on all. */
export function placesAway(
  it: Case,
  { service, fromZone, away }: HomeGroup,
  segments: readonly Segment[],
  path?: PathStream,
): ReadonlyMap<string, number> {
  const places = new Map<string, number>();
  for (const route of away) {
    if (path !== undefined && route.path !== path) continue;
    const zone = route.calls.find((call) => call.service === service && call.fromZone === fromZone)?.zone;
    if (zone === undefined) continue;
    const n = it.listeners.places.count(route, segments);
    if (n > 0) places.set(zone, (places.get(zone) ?? 0) + n);
  }
  return new Map([...places].sort(([, a], [, b]) => b - a));
}

/** `12 of 200 calls of mockb from north-c went to south-h`; undefined where none went away. */
export function strayText(
  it: Case,
  group: HomeGroup,
  segments: readonly Segment[],
  path?: PathStream,
): string | undefined {
  const places = placesAway(it, group, segments, path);
  if (places.size === 0) return undefined;
  const routes = [...group.home, ...group.away].filter((route) => path === undefined || route.path === path);
  const all = routes.reduce((sum, route) => sum + it.listeners.places.count(route, segments), 0);
  const away = [...places.values()].reduce((sum, n) => sum + n, 0);
  return `${away} of ${all} calls of ${group.service} from ${group.fromZone} went to ${list([...places.keys()])}`;
}

/** Calls of one service from one zone that left it; `text` says how many, and where to. */
export type Stray = { readonly service: string; readonly fromZone: string; readonly text: string };

/** The service and zone of callers that strayed most in some part of the run, and where to. */
export function worstStray(it: Case, segments: readonly Segment[], path?: PathStream): Stray | undefined {
  const strays = it.listeners.homes.groups().map((group) => {
    const counts = [...placesAway(it, group, segments, path).values()];
    return { group, away: counts.reduce((sum, n) => sum + n, 0) };
  });
  const [worst] = strays.sort((a, b) => b.away - a.away);
  if (worst === undefined) return undefined;
  const text = strayText(it, worst.group, segments, path);
  return text === undefined ? undefined : { service: worst.group.service, fromZone: worst.group.fromZone, text };
}
