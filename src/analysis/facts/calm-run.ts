import type { RequestRecord } from '../../model/record.ts';
import type { Micros } from '../../model/units.ts';
import type { ChainRef } from '../ingest/chains.ts';
import type { Route } from '../ingest/path.ts';
import type { Segment } from '../timeline/windows.ts';
import type { Answers } from './answers.ts';
import type { FailbackTracker } from './failback-tracker.ts';
import { binOf, type Histogram } from './histogram.ts';
import type { HomeBook } from './homes.ts';
import type { Hit, LadderBook } from './ladder-counts.ts';
import type { LatencyBook } from './latency.ts';
import type { OutageTracker } from './outage-tracker.ts';
import type { OutageBook } from './outages.ts';
import type { SeriesBuilder } from './series.ts';
import type { SeriesBook } from './series-book.ts';

/** Who counts more of a good request than how many there were. */
type Books = {
  readonly outages: OutageBook;
  readonly homes: HomeBook;
  readonly ladders: LadderBook;
  readonly latency: LatencyBook;
  readonly series: SeriesBook;
  readonly answers: Answers;
};

/**
 * Good requests of one route in one segment, while nothing that is known of outages and of homes can change by them: then they
 * only count. Nearly all requests of a long recording are such.
 */
export class CalmRun {
  readonly #route: Route;
  readonly #segment: Segment;
  readonly #outages: OutageBook;
  readonly #outage: OutageTracker;
  readonly #homes: readonly FailbackTracker[];
  readonly #hits: readonly Hit[];
  readonly #answers: Answers;
  /** Of the segment's phase; undefined outside of the phases. */
  readonly #latency: Histogram | undefined;
  readonly #series: SeriesBuilder;
  /** Latencies of the series' bucket, and how long its buckets were then. */
  #inBucket: Histogram | undefined;
  #bucket: Micros = 0;
  #n = 0;
  #lastSent: Micros = 0;
  #lastDue: Micros = 0;
  /** The chain of the latest answers, and how many had it. */
  #chain: ChainRef | undefined;
  #alike = 0;

  /** After a request of this route and segment; undefined where the next may change more than counts. */
  static after(route: Route, segment: Segment, due: Micros, books: Books): CalmRun | undefined {
    const outage = books.outages.calm(route.path, segment);
    const isFollowed = segment.part === 'home' && route.calls.length > 0;
    const homes = isFollowed ? books.homes.calm(route) : [];
    return outage && homes && new CalmRun(route, segment, { outage, homes }, books, due);
  }

  private constructor(
    route: Route,
    segment: Segment,
    { outage, homes }: { readonly outage: OutageTracker; readonly homes: readonly FailbackTracker[] },
    { outages, ladders, answers, latency, series }: Books,
    due: Micros,
  ) {
    this.#route = route;
    this.#segment = segment;
    this.#outages = outages;
    this.#outage = outage;
    this.#homes = homes;
    this.#hits = ladders.hits(route, segment);
    this.#answers = answers;
    this.#latency = latency.of(route, segment);
    this.#series = series.builder;
    this.turn(due);
  }

  /** The next requests are due from `due` on, in one bucket of the series. */
  turn(due: Micros): void {
    this.#inBucket = this.#series.latencyAt(due);
    this.#bucket = this.#series.bucket;
  }

  add(record: RequestRecord, chain: ChainRef): void {
    const { due, start, end } = record;
    this.#n++;
    this.#lastSent = start;
    this.#lastDue = due;
    this.#outage.noteSent(record);
    const latency = end - due;
    const bin = binOf(latency);
    if (this.#bucket !== this.#series.bucket) this.turn(due);
    this.#inBucket?.add(latency, bin);
    this.#latency?.add(latency, bin);
    const hits = this.#hits;
    for (let i = 0; i < hits.length; i++) (hits[i] as Hit).ladder.count((hits[i] as Hit).counts, due, 1);
    if (chain === this.#chain) this.#alike++;
    else this.#answer(record, chain);
  }

  /** Counts what was added. */
  finish(): void {
    if (this.#n === 0) return;
    this.#outage.addCalm(this.#n);
    this.#outages.calmUntil(this.#route.path, this.#lastSent);
    for (const home of this.#homes) home.addHome(this.#n, this.#lastDue);
    this.#countAnswers();
  }

  #answer(record: RequestRecord, chain: ChainRef): void {
    this.#countAnswers();
    const counts = this.#answers.onlyCount(chain);
    this.#chain = counts ? chain : undefined;
    this.#alike = counts ? 1 : 0;
    if (!counts) this.#answers.see(this.#route.path, this.#segment, record, chain);
  }

  #countAnswers(): void {
    if (this.#chain !== undefined) this.#answers.count(this.#route.path, this.#segment, this.#chain, this.#alike);
  }
}
