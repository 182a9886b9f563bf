import { type CallersPlace, isAt, isByLocality, type Place, placeText } from '../../model/place.ts';
import type { RequestRecord } from '../../model/record.ts';
import type { FailoverOrder } from '../../model/scenario.ts';
import { type Call, isCallOf, type PathStream, type Route } from '../ingest/path.ts';
import type { Segment } from '../timeline/windows.ts';
import { FailbackTracker } from './failback-tracker.ts';
import type { PlaceBook } from './places.ts';
import { homeOf } from './rungs.ts';

/** The calls of one service by callers of one zone. */
export type HomeGroup = {
  readonly service: string;
  readonly fromZone: string;
  readonly from: CallersPlace;
  /** Where these callers are at home: in their own zone, or where the order that is declared for them begins. */
  readonly place: Place;
  /** Known from the callers' proxies alone. */
  readonly byProxies: boolean;
  /** By row of the path: its calls in the baseline, and from the first undo request on. */
  readonly trackers: Map<number, FailbackTracker>;
  /** Routes with a call that was served at home, with one that was not, and with one of which nobody knows. */
  readonly home: Route[];
  readonly away: Route[];
  readonly unknown: Route[];
};

export type HomeCalls = { readonly home: number; readonly away: number };

/** What a call of one path counts for; the same for many routes. */
type Entry = { readonly group: HomeGroup; readonly tracker: FailbackTracker; readonly atHome: boolean | undefined };

/** Callers of a service as one order speaks of them, or those of a zone. */
type Callers = Pick<HomeGroup, 'service' | 'from' | 'place'>;

const keyOf = ({ service, from }: Pick<Callers, 'service' | 'from'>): string => `${service}\u0000${placeText(from)}`;

/** Whether calls are served at home, for every service and zone of callers. */
export class HomeBook {
  /** Of callers whom a zone alone does not tell, or whose home is no zone, by service and zone. */
  readonly #declared: ReadonlyMap<string, readonly Callers[]>;
  readonly #groups = new Map<string, HomeGroup>();
  readonly #byCall = new Map<string, Entry>();
  /** By route. */
  readonly #entries: (readonly Entry[])[] = [];

  constructor(orders: readonly FailoverOrder[]) {
    const all = orders.map((order) => ({ service: order.service, from: order.from, place: homeOf(order) }));
    const declared = all.filter(({ from, place }) => from.cluster !== undefined || !isByLocality(place));
    this.#declared = Map.groupBy(declared, ({ service, from: { zone } }) => keyOf({ service, from: { zone } }));
  }

  /** Makes a route with calls known, whenever they were served. */
  open(route: Route): void {
    if (this.#entries[route.id] === undefined) this.#open(route);
  }

  /** So many requests of a route that were served before the first fault. */
  before(route: Route, n: number): void {
    for (const { tracker, atHome } of this.#entries[route.id] ?? this.#open(route)) {
      if (atHome !== undefined) tracker.addBefore(atHome, n);
    }
  }

  /** A request that was served after the first undo request. */
  after(route: Route, record: RequestRecord): void {
    for (const { tracker, atHome } of this.#entries[route.id] ?? this.#open(route)) {
      if (atHome !== undefined) tracker.add(record, atHome);
    }
  }

  /** Those who follow the calls of a route, where all of them are home and so is the route; undefined elsewhere. */
  calm(route: Route): readonly FailbackTracker[] | undefined {
    const entries = (this.#entries[route.id] ?? this.#open(route)).filter(({ atHome }) => atHome !== undefined);
    if (!entries.every(({ tracker, atHome }) => atHome === true && tracker.isHome)) return undefined;
    return entries.map(({ tracker }) => tracker);
  }

  /** Undefined when nobody there called the service. */
  group(callers: Pick<FailoverOrder, 'service' | 'from'>): HomeGroup | undefined {
    return this.#groups.get(keyOf(callers));
  }

  /** In stable order. */
  groups(): HomeGroup[] {
    return [...this.#groups].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, group]) => group);
  }

  #open(route: Route): readonly Entry[] {
    const entries = route.calls.map((call) => this.#entryOf(route.path, call));
    for (const { group, atHome } of entries) group[wordOf(atHome)].push(route);
    this.#entries[route.id] = entries;
    return entries;
  }

  #entryOf(path: PathStream, call: Call): Entry {
    const callers = this.#callersOf(call);
    const atHome = isCallOf(call, callers) ? isAt(call.site, callers.place) : undefined;
    const key = `${path.row} ${atHome} ${keyOf(callers)}`;
    const known = this.#byCall.get(key);
    if (known !== undefined) return known;
    const group = this.#groupOf(callers, path.ofProxy);
    const tracker = group.trackers.get(path.row) ?? new FailbackTracker(path.index);
    group.trackers.set(path.row, tracker);
    const entry = { group, tracker, atHome };
    this.#byCall.set(key, entry);
    return entry;
  }

  #callersOf(call: Call): Callers {
    const own = { zone: call.fromZone };
    const { service } = call;
    const declared = this.#declared.get(keyOf({ service, from: own })) ?? [];
    const isOwn = declared.map((callers) => isCallOf(call, callers));
    const found = declared[isOwn.includes(true) ? isOwn.indexOf(true) : isOwn.indexOf(undefined)];
    return found ?? { service, from: own, place: own };
  }

  #groupOf(callers: Callers, byProxies: boolean): HomeGroup {
    const known = this.#groups.get(keyOf(callers));
    if (known !== undefined) return known;
    const fromZone = callers.from.zone;
    const group = { ...callers, fromZone, byProxies, trackers: new Map(), home: [], away: [], unknown: [] };
    this.#groups.set(keyOf(callers), group);
    return group;
  }
}

const wordOf = (atHome: boolean | undefined): 'home' | 'away' | 'unknown' =>
  atHome === undefined ? 'unknown' : atHome ? 'home' : 'away';

/** How many calls of a group were served at home, and how many elsewhere, in some segments. */
export function homeCalls(group: HomeGroup, places: PlaceBook, segments: readonly Segment[]): HomeCalls {
  const sum = (routes: readonly Route[]): number =>
    routes.reduce((total, route) => total + places.count(route, segments), 0);
  return { home: sum(group.home), away: sum(group.away) };
}
