import type { Case } from './case.ts';
import type { Example } from './example.ts';
import type { FailbackTracker, Homecoming } from './failback-tracker.ts';
import type { PathState } from './path-state.ts';
import { type Segment, within } from './segments.ts';

/** Below this share at home in the baseline there is no home to come back to. */
const HOME_SHARE = 0.9;
/** From this share away during a stage the callers have moved. */
const MOVED_SHARE = 0.05;

/** The way out and home of one service's callers in one zone. */
export type Homeward = {
  readonly service: string;
  readonly fromZone: string;
  readonly moved: boolean;
  /** Every pod of the service in the zone was stopped. */
  readonly hadToLeave: boolean;
  /** In run time, over all paths: home when the last one is. */
  readonly home: Homecoming;
  readonly hops: number;
  readonly lastAway: Example | undefined;
  readonly firstHome: Example | undefined;
};

type Hops = { home: number; away: number };

function hopsOf(path: PathState, tracker: FailbackTracker, segments: readonly Segment[]): Hops {
  const hops = { home: 0, away: 0 };
  for (const plan of path.plans) {
    const entry = plan?.failback.find((candidate) => candidate.tracker === tracker);
    if (plan === undefined || entry === undefined) continue;
    for (const { index } of segments) hops[entry.atHome ? 'home' : 'away'] += plan.served[index] as number;
  }
  return hops;
}

type Member = { readonly path: PathState; readonly tracker: FailbackTracker };

function groups(it: Case): Member[][] {
  const byKey = new Map<string, Member[]>();
  for (const path of it.paths) {
    for (const [key, tracker] of path.failback) byKey.set(key, [...(byKey.get(key) ?? []), { path, tracker }]);
  }
  return [...byKey].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, members]) => members);
}

function sumHops(members: readonly Member[], segments: readonly Segment[]): Hops {
  const all = members.map(({ path, tracker }) => hopsOf(path, tracker, segments));
  return {
    home: all.reduce((sum, hops) => sum + hops.home, 0),
    away: all.reduce((sum, hops) => sum + hops.away, 0),
  };
}

function hadHome(it: Case, members: readonly Member[]): boolean {
  const { home, away } = sumHops(members, within(it.segments, it.windows.baseline));
  return home > 0 && home / (home + away) >= HOME_SHARE;
}

function hasMoved(it: Case, members: readonly Member[]): boolean {
  return it.stages.some((stage) => {
    const { home, away } = sumHops(members, within(it.segments, stage));
    return away >= 2 && away / (home + away) >= MOVED_SHARE;
  });
}

function isEmptied(it: Case, service: string, zone: string): boolean {
  return it.stages.some((stage) => {
    const isHit = it.pods.hitBy(stage.active.filter((fault) => fault.header?.signature === 'stops-serving'));
    const atHome = it.pods
      .at(stage.start)
      ?.filter((endpoint) => endpoint.service === service && endpoint.zone === zone);
    return atHome !== undefined && atHome.length > 0 && atHome.every(isHit);
  });
}

function homeOf(members: readonly Member[]): Homecoming {
  const seen = members.flatMap(({ tracker }) => tracker.result() ?? []);
  if (seen.length === 0) return { lo: 0, hi: null };
  const ends = seen.map(({ hi }) => hi);
  return {
    lo: Math.max(...seen.map(({ lo }) => lo)),
    hi: ends.includes(null) ? null : Math.max(...ends.map((hi) => hi ?? 0)),
  };
}

/** Every service and zone of callers that had a home in the baseline, in stable order. */
export function homewards(it: Case): Homeward[] {
  return groups(it)
    .filter((members) => hadHome(it, members))
    .map((members) => {
      const { service, fromZone } = (members[0] as Member).tracker;
      const latest = (pick: (tracker: FailbackTracker) => Example | undefined): Example | undefined =>
        members
          .flatMap(({ tracker }) => pick(tracker) ?? [])
          .reduce<Example | undefined>(
            (last, next) => (last === undefined || next.due > last.due ? next : last),
            undefined,
          );
      return {
        service,
        fromZone,
        moved: hasMoved(it, members),
        hadToLeave: isEmptied(it, service, fromZone),
        home: homeOf(members),
        hops: members.reduce((sum, { tracker }) => sum + tracker.hops, 0),
        lastAway: latest((tracker) => tracker.lastAway),
        firstHome: latest((tracker) => tracker.firstHome),
      };
    });
}
