import { isAt } from '../../model/place.ts';
import type { Micros } from '../../model/units.ts';
import { type Segment, within } from '../timeline/windows.ts';
import type { Counted } from './counted.ts';
import type { Example } from './example.ts';
import type { FailbackTracker, Homecoming } from './failback-tracker.ts';
import { type HomeCalls, type HomeGroup, homeCalls } from './homes.ts';
import { remembered } from './remembered.ts';

/** Below this share at home in the baseline there is no home to come back to. */
const HOME_SHARE = 0.9;
/** From this share away during a stage the callers have moved. */
const MOVED_SHARE = 0.05;
/** A path that has made no such call for this long before the others' last one has stopped making them. */
const STOPPED: Micros = 1_000_000;

/** The way out and home of one service's callers in one zone. */
export type CallerReturn = {
  readonly service: string;
  readonly fromZone: string;
  readonly group: HomeGroup;
  readonly hadHome: boolean;
  /** Any calls before the first fault. */
  readonly called: boolean;
  readonly moved: boolean;
  /** Every pod of the service in the zone was stopped. */
  readonly hadToLeave: boolean;
  /** Every path that called has been home after the undo, whatever came then. */
  readonly cameHome: boolean;
  /** In run time, over all paths: home when the last one is. */
  readonly home: Homecoming;
  readonly calls: number;
  readonly lastAway: Example | undefined;
  readonly firstHome: Example | undefined;
};

const share = ({ home, away }: HomeCalls): number => (home + away === 0 ? 0 : home / (home + away));

type StageSegments = readonly (readonly Segment[])[];

function hasMoved(run: Counted, group: HomeGroup, before: HomeCalls, stages: StageSegments): boolean {
  const usual = 1 - share(before);
  return stages.some((segments) => {
    const calls = homeCalls(group, run.listeners.places, segments);
    return calls.away >= 2 && 1 - share(calls) >= usual + MOVED_SHARE;
  });
}

/** Zones in which every pod of a service was stopped in some stage. */
function emptiedZones(run: Counted, service: string): Set<string> {
  const zones = new Set<string>();
  for (const stage of run.stages) {
    const isHit = run.pods.hitBy(stage.active.filter((fault) => fault.header?.signature === 'stops-serving'));
    const byZone = Map.groupBy(run.pods.behind(service, stage.start) ?? [], ({ zone }) => zone);
    for (const [zone, pods] of byZone) if (pods.every(isHit)) zones.add(zone);
  }
  return zones;
}

/** The same of a home that is no zone. */
function wasEmptied(run: Counted, { service, place }: HomeGroup): boolean {
  return run.stages.some((stage) => {
    const isHit = run.pods.hitBy(stage.active.filter((fault) => fault.header?.signature === 'stops-serving'));
    const pods = run.pods.behind(service, stage.start) ?? [];
    const atHome = pods.filter((pod) => isAt(run.listeners.sites.ofPod(pod), place));
    return atHome.length > 0 && atHome.every(isHit);
  });
}

/** Home when the last path is; one that stopped calling while others went on does not keep it open. */
function homeOf(trackers: readonly FailbackTracker[]): Homecoming {
  const seen = trackers.flatMap((tracker) => {
    const result = tracker.result();
    return result === undefined ? [] : [{ tracker, result }];
  });
  if (seen.length === 0) return { lo: 0, hi: null };
  const last = Math.max(...seen.map(({ tracker }) => tracker.lastDue));
  const ends = seen.map(({ tracker, result }) => {
    const hasStopped = result.hi === null && last - tracker.lastDue > STOPPED;
    return hasStopped ? { lo: result.lo, hi: tracker.lastAway?.end ?? tracker.lastDue } : result;
  });
  const his = ends.map(({ hi }) => hi);
  return {
    lo: Math.max(...ends.map(({ lo }) => lo)),
    hi: his.includes(null) ? null : Math.max(...his.map((hi) => hi ?? 0)),
  };
}

const latest = (examples: readonly (Example | undefined)[]): Example | undefined =>
  examples.reduce(
    (last, next) => (next !== undefined && (last === undefined || next.due > last.due) ? next : last),
    undefined,
  );

/** Every service and zone of callers, in stable order. */
export function callerReturnsOf(run: Counted): CallerReturn[] {
  const baseline = within(run.segments, run.windows.baseline);
  const stages = run.stages.map((stage) => within(run.segments, stage));
  const emptied = remembered((service: string) => emptiedZones(run, service));
  return run.listeners.homes.groups().map((group) => {
    const { service, fromZone, place } = group;
    const isZone = 'zone' in place && place.cluster === undefined;
    const before = homeCalls(group, run.listeners.places, baseline);
    const trackers = [...group.trackers.values()];
    return {
      service,
      fromZone,
      group,
      called: before.home + before.away > 0,
      hadHome: before.home > 0 && share(before) >= HOME_SHARE,
      moved: hasMoved(run, group, before, stages),
      hadToLeave: isZone ? emptied(service).has(place.zone) : wasEmptied(run, group),
      cameHome: trackers.every((tracker) => tracker.calls === 0 || tracker.cameHome),
      home: homeOf(trackers),
      calls: trackers.reduce((sum, tracker) => sum + tracker.calls, 0),
      lastAway: latest(trackers.map((tracker) => tracker.lastAway)),
      firstHome: latest(trackers.map((tracker) => tracker.firstHome)),
    };
  });
}
