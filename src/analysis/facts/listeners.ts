import { rulesOf } from '../../model/good.ts';
import type { RequestRecord } from '../../model/record.ts';
import { recoveryRuleOf } from '../../model/recovery-rule.ts';
import type { Micros } from '../../model/units.ts';
import type { ChainRef } from '../ingest/chains.ts';
import { BAD, GOOD, type Standing, UNKNOWN } from '../ingest/classify.ts';
import type { PathStream, Route } from '../ingest/path.ts';
import type { Facts } from '../timeline/history.ts';
import { loadWantedUntil } from '../timeline/silence.ts';
import type { Stage } from '../timeline/stages.ts';
import type { Segment, Windows } from '../timeline/windows.ts';
import { Answers } from './answers.ts';
import { BlockCounts } from './blocks.ts';
import { blame, CallerBook } from './callers.ts';
import { CalmRun } from './calm-run.ts';
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
import { type Run, Runs } from './runs.ts';
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
  readonly answers: Answers;
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
    this.outages = new OutageBook(stages, windows, recoveryRuleOf(scenario.expect), facts.end);
    this.places = new PlaceBook(segments.length);
    const home = windows.home && { start: windows.home.start, end: Math.max(windows.home.start, facts.end) };
    this.ladders = new LadderBook(scenario.expect.failoverOrder, stages, home);
    this.witnesses = new WitnessBook(facts, this.pods, windows);
    this.callers = new CallerBook(rules.all);
    this.failures = new FailureGroups(windows.budget);
    this.latencyPromises = new LatencyPromiseBook(latencyPromises(scenario.expect), windows, facts.end);
    this.series = new SeriesBook(facts.end);
    this.contradictions = new ContradictionBook(this.pods);
    this.answers = new Answers(this.witnesses, this.callers, this.contradictions);
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
    const run = this.#runs.goingOn(route, segment, record.due);
    this.latencyPromises.add(path, segment, record, true);
    if (run?.calm !== undefined) {
      if (record.due >= run.end) this.#turn(run, run.calm, record.due);
      run.n++;
      run.calm.add(record, chain);
      return;
    }
    const isNext = run === undefined || record.due >= run.end;
    if (isNext) {
      this.#endRun(path);
      this.#meet(route, segment, record, chain);
    } else {
      this.#endCalm(run);
      run.n++;
    }
    this.outages.good(path, segment, record, chain);
    this.#served(route, segment, record, chain);
    this.answers.see(path, segment, record, chain);
    if (isNext) this.#begin(route, segment, record);
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
    if (record.ended === 'response') this.answers.see(path, segment, record, chain);
  }

  unknown(path: PathStream, segment: Segment, record: RequestRecord): void {
    this.tallies.count(path, segment, UNKNOWN);
    this.series.unknown(record.due);
    if (record.ended === 'dropped') this.latency.unanswered(segment);
  }

  /** Calls that a proxy counted between two readings: they are no requests, and tell where calls went. */
  calls(route: Route, segment: Segment, record: RequestRecord, chain: ChainRef, n: number): void {
    this.#meet(route, segment, record, chain);
    this.#countServed(route, segment, record.due, n);
    this.series.counted(route, record, n);
    // Others than this run may call as well, thousands of times a second.
    this.ladders.served(route, segment, record, chain, n);
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

  /** A calm run goes on behind its end: what came until then is counted. */
  #turn(run: Run, calm: CalmRun, due: Micros): void {
    this.#count(run);
    run.due = due;
    run.end = this.#endOf(run.segment, due);
    run.n = 0;
    calm.turn(due);
  }

  /** Until when requests count alike with one of a segment that was due at `due`. */
  #endOf(segment: Segment, due: Micros): Micros {
    const end = Math.min(Math.floor(due / 1e6) * 1e6 + 1e6, this.series.builder.bucketOf(due).end);
    return segment.part === 'baseline' ? Math.min(end, this.goodShare.endOfBlock(due)) : end;
  }

  /** The first request of the next run. */
  #begin(route: Route, segment: Segment, { due }: RequestRecord): void {
    const run = this.#runs.begin(route, segment, due, this.#endOf(segment, due));
    run.calm = CalmRun.after(route, segment, due, this);
  }

  #endCalm(run: Run): void {
    run.calm?.finish();
    run.calm = undefined;
  }

  /** Counts the requests of a path's current run. */
  #endRun(path: PathStream): void {
    const run = this.#runs.take(path);
    if (run === undefined) return;
    this.#endCalm(run);
    this.#count(run);
  }

  #count({ route, segment, due, n }: Run): void {
    const { path } = route;
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
    const answer = record.ended === 'response' && !route.complete ? chain : undefined;
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
    this.ladders.served(route, segment, record, chain);
    if (segment.part === 'home' && route.calls.length > 0) this.homes.after(route, record);
  }
}
