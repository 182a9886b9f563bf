import { rulesOf } from '../../model/good.ts';
import type { RequestRecord } from '../../model/record.ts';
import type { Micros } from '../../model/units.ts';
import type { ChainRef } from '../ingest/chains.ts';
import { BAD, GOOD, type Standing, UNKNOWN } from '../ingest/classify.ts';
import type { PathStream, Route } from '../ingest/path.ts';
import type { Facts } from '../timeline/history.ts';
import { loadWantedUntil } from '../timeline/silence.ts';
import { holdOf, type Stage } from '../timeline/stages.ts';
import type { Segment, Windows } from '../timeline/windows.ts';
import { BlockCounts } from './blocks.ts';
import { blame, CallerBook } from './callers.ts';
import { ContradictionBook } from './contradictions.ts';
import { FailureGroups } from './failure-groups.ts';
import { HomeBook } from './homes.ts';
import { LadderBook } from './ladder-counts.ts';
import { LatencyBook } from './latency.ts';
import { LatencyPromiseBook, latencyPromises } from './latency-promises.ts';
import { OutageBook } from './outages.ts';
import { PlaceBook } from './places.ts';
import { Pods } from './pods.ts';
import { RouteSeconds } from './route-seconds.ts';
import { common, Runs } from './runs.ts';
import { SeriesBook } from './series-book.ts';
import { Sites } from './sites.ts';
import { TallyBook } from './tally.ts';
import { WideReadings } from './wide-readings.ts';
import { WitnessBook } from './witnesses.ts';

/** Everyone who counts requests. Each owns its state; none knows another; what is kept does not grow with the records. */
export class Listeners {
  readonly pods: Pods;
  readonly sites: Sites;
  readonly tallies: TallyBook;
  readonly goodShare: BlockCounts;
  readonly homeShare: BlockCounts;
  readonly outages: OutageBook;
  readonly places: PlaceBook;
  readonly homes: HomeBook;
  readonly seconds = new RouteSeconds();
  readonly ladders: LadderBook;
  readonly witnesses: WitnessBook;
  readonly callers: CallerBook;
  readonly failures: FailureGroups;
  readonly latency = new LatencyBook();
  readonly latencyPromises: LatencyPromiseBook;
  readonly series: SeriesBook;
  readonly contradictions: ContradictionBook;
  readonly wide = new WideReadings();
  readonly #runs = new Runs();
  readonly #facts: Facts;
  /** The first segment after the undo was asked for. */
  readonly #home: Segment | undefined;

  constructor(facts: Facts, stages: readonly Stage[], windows: Windows, segments: readonly Segment[]) {
    const { scenario } = facts.header;
    const rules = rulesOf(scenario.load);
    this.#facts = facts;
    this.#home = segments.find(({ start }) => start === windows.home?.start);
    this.pods = new Pods(facts);
    this.sites = new Sites(facts);
    this.homes = new HomeBook(scenario.expect.failoverOrder);
    this.tallies = new TallyBook(segments.length);
    this.goodShare = new BlockCounts(windows.baseline);
    this.homeShare = new BlockCounts(windows.baseline);
    this.outages = new OutageBook(stages, windows, holdOf(facts), facts.end);
    this.places = new PlaceBook(segments.length);
    const home = windows.home && { start: windows.home.start, end: Math.max(windows.home.start, facts.end) };
    this.ladders = new LadderBook(scenario.expect.failoverOrder, stages, home);
    this.witnesses = new WitnessBook(facts, this.pods, windows);
    this.callers = new CallerBook(rules.all);
    this.failures = new FailureGroups(windows.budget);
    this.latencyPromises = new LatencyPromiseBook(latencyPromises(scenario.expect), windows, facts.end);
    this.series = new SeriesBook(facts.end);
    this.contradictions = new ContradictionBook(this.pods);
  }

  /** A chain that records will point at. */
  chain(chain: ChainRef): void {
    for (const hop of chain.chain.hops) this.pods.see(hop);
    this.callers.define(chain);
    this.witnesses.define(chain);
    this.contradictions.define(chain);
  }

  good(route: Route, segment: Segment, record: RequestRecord, chain: ChainRef): void {
    const { path } = route;
    if (!this.#runs.add(route, segment, record.due)) this.#begin(route, segment, record, chain);
    this.outages.good(path, segment, record, chain);
    this.latencyPromises.add(path, segment, record, true);
    this.#served(route, segment, record, chain);
    this.#response(path, segment, record, chain);
  }

  /** A request that was not good: bad, or unknown although something came back. */
  other(
    route: Route,
    segment: Segment,
    record: RequestRecord,
    chain: ChainRef,
    standing: Standing,
    served: boolean,
  ): void {
    const { path } = route;
    this.#endRun(path);
    if (standing === BAD) {
      this.#bad(route, segment, record, chain);
      this.latencyPromises.add(path, segment, record, served);
    }
    const home = this.#home;
    const place = home !== undefined && segment.part === 'stage' && record.end >= home.start ? home : segment;
    if (served) {
      this.#countServed(route, place, record.due, 1);
      this.#meet(route, place, record, chain);
      this.#served(route, place, record, chain);
    } else this.latency.unanswered(segment);
    if (record.outcome === 'response') this.#response(path, segment, record, chain);
  }

  unknown(path: PathStream, segment: Segment, record: RequestRecord): void {
    this.tallies.count(path, segment, UNKNOWN);
    this.series.unknown(record.due);
    if (record.outcome === 'dropped') this.latency.unanswered(segment);
  }

  /** Calls that a proxy counted between two readings: they are no requests, and tell where calls went. */
  calls(route: Route, segment: Segment, record: RequestRecord, chain: ChainRef, n: number): void {
    this.#meet(route, segment, record, chain);
    this.#countServed(route, segment, record.due, n);
    this.series.counted(route, record, n);
    // Others than this run may call as well, thousands of times a second.
    if (segment.part !== 'baseline') this.ladders.served(route, segment, record, chain, n);
    this.witnesses.see(route.path, record, chain, n);
    this.callers.see(route.path, chain, segment, n);
    if (segment.part === 'home') for (let i = 0; i < n; i++) this.homes.after(route, record);
  }

  /**
   * The same between readings too far apart to tell of a second. `segment` is that of the part of the run in which both lie;
   * undefined where there is none.
   */
  wideCalls(route: Route, segment: Segment | undefined, record: RequestRecord, chain: ChainRef, n: number): void {
    this.wide.add(route, { from: record.start, to: record.end }, n);
    if (segment === undefined) return;
    this.#meet(route, segment, record, chain);
    this.places.served(route, segment, n);
    this.witnesses.see(route.path, record, chain, n);
    this.callers.see(route.path, chain, segment, n);
    if (segment.part === 'home') for (let i = 0; i < n; i++) this.homes.after(route, record);
  }

  /** The same between a reading before the segment's part of the run and one in it. */
  straddlingCalls(route: Route, segment: Segment, n: number): void {
    this.ladders.straddling(route, segment, n);
  }

  missing(path: PathStream, segment: Segment, n: number): void {
    this.tallies.missing(path, segment, n);
  }

  finish(paths: readonly PathStream[]): void {
    for (const path of paths) this.#endRun(path);
    this.outages.finish(paths, loadWantedUntil(this.#facts));
  }

  /** The first request of the next run. */
  #begin(route: Route, segment: Segment, record: RequestRecord, chain: ChainRef): void {
    this.#endRun(route.path);
    const { due } = record;
    const second = Math.floor(due / 1e6) * 1e6;
    const block = common({ start: second, end: second + 1e6 }, this.series.builder.bucketOf(due));
    const share = segment.part === 'baseline' ? common(block, this.goodShare.blockOf(due)) : block;
    this.#runs.begin(route, segment, due, share);
    this.#meet(route, segment, record, chain);
  }

  /** Counts the requests of a path's current run. */
  #endRun(path: PathStream): void {
    const run = this.#runs.take(path);
    if (run === undefined) return;
    const { route, segment, due, n } = run;
    this.tallies.count(path, segment, GOOD, n);
    this.series.good(route, due, n);
    if (segment.part === 'baseline') this.goodShare.add(path, due, n, n);
    this.#countServed(route, segment, due, n);
  }

  #bad(route: Route, segment: Segment, record: RequestRecord, chain: ChainRef): void {
    const { path } = route;
    this.tallies.count(path, segment, BAD);
    this.tallies.keepBad(path, segment, record, chain.chain);
    this.series.bad(path, record.due);
    this.outages.bad(path, segment, record, chain);
    this.ladders.bad(route, segment, record, chain);
    if (segment.part === 'baseline') this.goodShare.add(path, record.due, 1, 0);
    const answer = record.outcome === 'response' && !route.complete ? chain : undefined;
    this.failures.add(path, segment, record, chain, blame(answer, path));
  }

  /** What is kept of the first request of many. */
  #meet(route: Route, segment: Segment, record: RequestRecord, chain: ChainRef): void {
    this.places.keepFirst(route, segment, record, chain);
    if (route.calls.length > 0) this.homes.open(route);
  }

  #countServed(route: Route, segment: Segment, due: Micros, n: number): void {
    this.places.served(route, segment, n);
    if (route.calls.length === 0) return;
    this.seconds.served(route, segment, due, n);
    if (segment.part !== 'baseline') return;
    this.homes.before(route, n);
    this.homeShare.add(route.path, due, n, n * route.ownZone);
  }

  #served(route: Route, segment: Segment, record: RequestRecord, chain: ChainRef): void {
    this.latency.add(route, segment, record, this.series.builder);
    if (segment.part !== 'baseline') this.ladders.served(route, segment, record, chain);
    if (segment.part === 'home' && route.calls.length > 0) this.homes.after(route, record);
  }

  /** Whatever its worth, an answer names who gave it. */
  #response(path: PathStream, segment: Segment, record: RequestRecord, chain: ChainRef): void {
    this.witnesses.see(path, record, chain);
    this.callers.see(path, chain, segment);
    this.contradictions.see(chain, segment);
  }
}
