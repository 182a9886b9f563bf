import type { RequestRecord } from '../../model/record.ts';
import type { Call, Route } from '../ingest/path.ts';
import type { Segment } from '../timeline/windows.ts';
import { FailbackTracker } from './failback-tracker.ts';
import type { PlaceBook } from './places.ts';

/** The calls of one service by callers of one zone. */
export type HomeGroup = {
  readonly service: string;
  readonly fromZone: string;
  /** By row of the path: its calls in the baseline, and from the first undo request on. */
  readonly trackers: Map<number, FailbackTracker>;
  readonly members: { readonly route: Route; readonly atHome: boolean }[];
};

export type HomeCalls = { readonly home: number; readonly away: number };

type Entry = { readonly tracker: FailbackTracker; readonly atHome: boolean };

const keyOf = ({ service, fromZone }: Pick<Call, 'service' | 'fromZone'>): string => `${service}\u0000${fromZone}`;

/** Whether calls are served in their caller's own zone, for every service and zone of callers. */
export class HomeBook {
  readonly #groups = new Map<string, HomeGroup>();
  readonly #entries: (readonly Entry[])[] = [];

  /** Every served request of a complete chain; before the fault it is counted, after the undo request followed. */
  served(route: Route, { part }: Segment, record: RequestRecord): void {
    const entries = this.#entries[route.id] ?? this.#open(route);
    if (part === 'home') for (const { tracker, atHome } of entries) tracker.add(record, atHome);
    if (part === 'baseline') for (const { tracker, atHome } of entries) tracker.addBefore(atHome);
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
    const entries = route.calls.map((call): Entry => {
      const group = this.#groupOf(call);
      const atHome = call.zone === call.fromZone;
      group.members.push({ route, atHome });
      const tracker = group.trackers.get(route.path.row) ?? new FailbackTracker(route.path.index);
      group.trackers.set(route.path.row, tracker);
      return { tracker, atHome };
    });
    this.#entries[route.id] = entries;
    return entries;
  }

  #groupOf(call: Call): HomeGroup {
    const known = this.#groups.get(keyOf(call));
    if (known !== undefined) return known;
    const group = { service: call.service, fromZone: call.fromZone, trackers: new Map(), members: [] };
    this.#groups.set(keyOf(call), group);
    return group;
  }
}

/** How many calls of a group were served at home, and how many elsewhere, in some segments. */
export function homeCalls(group: HomeGroup, places: PlaceBook, segments: readonly Segment[]): HomeCalls {
  const calls = { home: 0, away: 0 };
  for (const { route, atHome } of group.members) calls[atHome ? 'home' : 'away'] += places.count(route, segments);
  return calls;
}
