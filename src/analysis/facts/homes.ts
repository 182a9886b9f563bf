import type { RequestRecord } from '../../model/record.ts';
import type { Call, PathStream, Route } from '../ingest/path.ts';
import type { Segment } from '../timeline/windows.ts';
import { FailbackTracker } from './failback-tracker.ts';
import type { PlaceBook } from './places.ts';

/** The calls of one service by callers of one zone. */
export type HomeGroup = {
  readonly service: string;
  readonly fromZone: string;
  /** Known from the callers' proxies alone. */
  readonly byProxies: boolean;
  /** By row of the path: its calls in the baseline, and from the first undo request on. */
  readonly trackers: Map<number, FailbackTracker>;
  /** Routes with a call that was served in its caller's zone, and with one that was not. */
  readonly home: Route[];
  readonly away: Route[];
};

export type HomeCalls = { readonly home: number; readonly away: number };

/** What a call of one path counts for; the same for many routes. */
type Entry = { readonly group: HomeGroup; readonly tracker: FailbackTracker; readonly atHome: boolean };

const keyOf = ({ service, fromZone }: Pick<Call, 'service' | 'fromZone'>): string => `${service}\u0000${fromZone}`;

/** Whether calls are served in their caller's own zone, for every service and zone of callers. */
export class HomeBook {
  readonly #groups = new Map<string, HomeGroup>();
  readonly #byCall = new Map<string, Entry>();
  /** By route. */
  readonly #entries: (readonly Entry[])[] = [];

  /** Makes a route with calls known, whenever they were served. */
  open(route: Route): void {
    if (this.#entries[route.id] === undefined) this.#open(route);
  }

  /** So many requests of a route that were served before the first fault. */
  before(route: Route, n: number): void {
    for (const { tracker, atHome } of this.#entries[route.id] ?? this.#open(route)) tracker.addBefore(atHome, n);
  }

  /** A request that was served after the first undo request. */
  after(route: Route, record: RequestRecord): void {
    for (const { tracker, atHome } of this.#entries[route.id] ?? this.#open(route)) tracker.add(record, atHome);
  }

  /** Undefined when nobody there called the service. */
  group(service: string, fromZone: string): HomeGroup | undefined {
    return this.#groups.get(keyOf({ service, fromZone }));
  }

  /** In stable order. */
  groups(): HomeGroup[] {
    return [...this.#groups].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, group]) => group);
  }

  #open(route: Route): readonly Entry[] {
    const entries = route.calls.map((call) => this.#entryOf(route.path, call));
    for (const { group, atHome } of entries) group[atHome ? 'home' : 'away'].push(route);
    this.#entries[route.id] = entries;
    return entries;
  }

  #entryOf(path: PathStream, call: Call): Entry {
    const atHome = call.zone === call.fromZone;
    const key = `${path.row} ${atHome} ${keyOf(call)}`;
    const known = this.#byCall.get(key);
    if (known !== undefined) return known;
    const group = this.#groupOf(call, path.ofProxy);
    const tracker = group.trackers.get(path.row) ?? new FailbackTracker(path.index);
    group.trackers.set(path.row, tracker);
    const entry = { group, tracker, atHome };
    this.#byCall.set(key, entry);
    return entry;
  }

  #groupOf(call: Call, byProxies: boolean): HomeGroup {
    const known = this.#groups.get(keyOf(call));
    if (known !== undefined) return known;
    const group = {
      service: call.service,
      fromZone: call.fromZone,
      byProxies,
      trackers: new Map(),
      home: [],
      away: [],
    };
    this.#groups.set(keyOf(call), group);
    return group;
  }
}

/** How many calls of a group were served at home, and how many elsewhere, in some segments. */
export function homeCalls(group: HomeGroup, places: PlaceBook, segments: readonly Segment[]): HomeCalls {
  const sum = (routes: readonly Route[]): number =>
    routes.reduce((total, route) => total + places.count(route, segments), 0);
  return { home: sum(group.home), away: sum(group.away) };
}
