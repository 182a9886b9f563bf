import { isFrom } from '../../model/place.ts';
import type { RequestRecord, TransportError } from '../../model/record.ts';
import type { FailoverOrder } from '../../model/scenario.ts';
import type { Micros } from '../../model/units.ts';
import type { Block } from '../../stats/index.ts';
import type { ChainRef } from '../ingest/chains.ts';
import { failedCaller, isCallOf, type Route } from '../ingest/path.ts';
import type { Stage } from '../timeline/stages.ts';
import type { Segment, Window } from '../timeline/windows.ts';
import { type Example, exampleOf } from './example.ts';
import type { Site } from './sites.ts';

/** A request that ended so never reached the mesh, so nobody called anybody. */
const OUTSIDE: ReadonlySet<TransportError | undefined> = new Set<TransportError>([
  'refused',
  'unreachable',
  'dns',
  'tls',
]);

const BINS = 2048;
const LEAST_BIN: Micros = 10_000;
/** Strays come in bursts of about this length. */
const BLOCK: Micros = 1_000_000;

/** Calls of one service by callers of one zone that had one outcome, in fine bins over a stage. */
export class CallCounts {
  readonly bins = new Uint32Array(BINS);
  /** First one at or after the first injection request of the stage. */
  first: Example | undefined;
}

/** Everything one declared order needs to know about one stage, or about the way home: the last stage's faults until the end. */
export class LadderCounts {
  readonly order: FailoverOrder;
  readonly stage: Stage;
  /** Answered calls, by the place that served them. */
  readonly sites = new Map<Site, CallCounts>();
  /** Answered calls of callers of which nobody knows whether they are those of the order, and why of the first. */
  readonly strangers = new CallCounts();
  strangersDoubt: string | undefined;
  /** Calls that ended without an answer of the service. */
  readonly failed = new CallCounts();
  /** Bad requests that may have come through the gateway of the zone, whoever failed. */
  readonly bad = new CallCounts();
  /** Calls may have come so much later than counted: they lie between two readings of a proxy. */
  lag: Micros = 0;
  /** By place: calls that a proxy counted between readings before and after the beginning of the stage. */
  readonly straddling = new Map<Site, number>();
  readonly #width: Micros;

  constructor(order: FailoverOrder, stage: Stage) {
    this.order = order;
    this.stage = stage;
    this.#width = Math.max(LEAST_BIN, (stage.end - stage.start) / BINS);
  }

  site(site: Site): CallCounts {
    let counts = this.sites.get(site);
    if (counts === undefined) {
      counts = new CallCounts();
      this.sites.set(site, counts);
    }
    return counts;
  }

  add(counts: CallCounts, route: Route, record: RequestRecord, chain: ChainRef, n = 1): void {
    this.count(counts, record.due, n);
    if (counts.first === undefined || record.due < counts.first.due) {
      counts.first = exampleOf(route.path.index, record, chain.chain);
    }
  }

  count({ bins }: CallCounts, due: Micros, n: number): void {
    const bin = Math.max(0, Math.min(BINS - 1, Math.floor((due - this.stage.start) / this.#width)));
    bins[bin] = (bins[bin] as number) + n;
  }

  /** Calls in the bins that lie wholly inside a window. */
  sum(counts: CallCounts, window: Window): number {
    return this.#sum(counts, this.#range(window));
  }

  /** The same of requests that failed, whose time is known. */
  failures(counts: CallCounts, window: Window): number {
    return this.#sum(counts, this.#range(window, 0));
  }

  #sum(counts: CallCounts, [from, end]: readonly [number, number]): number {
    let sum = 0;
    for (let bin = from; bin < end; bin++) sum += counts.bins[bin] as number;
    return sum;
  }

  /** About how many calls came in a short window, those between two readings spread evenly. */
  about(counts: CallCounts, { start, end }: Window): number {
    if (this.lag === 0) return this.sum(counts, { start, end });
    const around = this.sum(counts, { start: start - this.lag, end: end + this.lag });
    return (around * (end - start)) / (end - start + this.lag);
  }

  /** When the first call at or after `time` was due, as fine as the bins are; Infinity for none. */
  firstAfter({ bins }: CallCounts, time: Micros): Micros {
    const from = Math.max(0, Math.floor((time - this.stage.start) / this.#width));
    const bin = bins.findIndex((n, i) => i >= from && n > 0);
    return bin < 0 ? Number.POSITIVE_INFINITY : this.stage.start + bin * this.#width;
  }

  /** Answered calls of a window in blocks of about a second; those of `hits` are the hits. */
  blocks(hits: readonly CallCounts[], window: Window): Block[] {
    const [from, end] = this.#range(window);
    const size = Math.max(1, Math.round(BLOCK / this.#width));
    const sum = (counts: readonly CallCounts[], start: number): number => {
      let total = 0;
      for (let bin = start; bin < Math.min(start + size, end); bin++)
        for (const { bins } of counts) total += bins[bin] as number;
      return total;
    };
    const all = [...this.sites.values()];
    const blocks: Block[] = [];
    for (let bin = from; bin < end; bin += size) blocks.push({ all: sum(all, bin), hits: sum(hits, bin) });
    return blocks;
  }

  #range(window: Window, lag = this.lag): [number, number] {
    const from = Math.max(0, Math.ceil((window.start - this.stage.start) / this.#width));
    const until = window.end - lag;
    const end = window.end >= this.stage.end ? BINS : Math.floor((until - this.stage.start) / this.#width);
    return [from, Math.min(BINS, end)];
  }
}

/** By stage: where a served request of one route counts. */
type Hits = readonly (readonly Hit[])[];
export type Hit = { readonly ladder: LadderCounts; readonly counts: CallCounts };

const NOWHERE: readonly Hit[] = [];

/** Counts calls for every declared order in every stage, and on the way home. */
export class LadderBook {
  /** By stage, one for each declared order. */
  readonly ladders: readonly (readonly LadderCounts[])[];
  /** One for each declared order; none where nothing was undone. */
  readonly home: readonly LadderCounts[];
  /** By route. */
  readonly #hits: Hits[] = [];

  /** `home`: from the first undo request to the end of the run. */
  constructor(orders: readonly FailoverOrder[], stages: readonly Stage[], home: Window | undefined) {
    const last = stages.at(-1);
    this.ladders = stages.map((stage) => orders.map((order) => new LadderCounts(order, stage)));
    this.home =
      last === undefined || home === undefined
        ? []
        : orders.map((order) => new LadderCounts(order, { ...last, start: home.start, end: home.end }));
  }

  /** Where the served requests of a route count in a segment. */
  hits(route: Route, { part, stage }: Segment): readonly Hit[] {
    if (part === 'baseline') return NOWHERE;
    const hits = this.#hits[route.id] ?? this.#open(route);
    return hits[part === 'home' ? this.ladders.length : stage] ?? NOWHERE;
  }

  served(route: Route, segment: Segment, record: RequestRecord, chain: ChainRef, n = 1): void {
    for (const { ladder, counts } of this.hits(route, segment)) {
      if (route.path.ofProxy) ladder.lag = Math.max(ladder.lag, record.end - record.start);
      ladder.add(counts, route, record, chain, n);
    }
  }

  /** `n` calls that were counted between a reading before this segment's stage and one in it. */
  straddling(route: Route, { part, stage }: Segment, n: number): void {
    if (part !== 'stage') return;
    for (const ladder of this.ladders[stage] ?? []) {
      for (const call of route.calls) {
        const { site } = call;
        if (isCallOf(call, ladder.order)) ladder.straddling.set(site, (ladder.straddling.get(site) ?? 0) + n);
      }
    }
  }

  bad(route: Route, { stage }: Segment, record: RequestRecord, chain: ChainRef): void {
    const ladders = this.ladders[stage];
    if (ladders === undefined || OUTSIDE.has(record.error)) return;
    const next = chain.missing[route.path.rule.index]?.service;
    for (const ladder of ladders) {
      const { service, from } = ladder.order;
      if (isFrom(route.path, from)) ladder.add(ladder.bad, route, record, chain);
      if (!route.complete && service === next && isFrom(failedCaller(route, chain), from)) {
        ladder.add(ladder.failed, route, record, chain);
      }
    }
  }

  #open(route: Route): Hits {
    const hits = [...this.ladders, this.home].map((ladders) =>
      ladders.flatMap((ladder) =>
        route.calls.flatMap((call) => {
          const isOwn = isCallOf(call, ladder.order);
          if (isOwn === false) return [];
          if (isOwn) return [{ ladder, counts: ladder.site(call.site) }];
          ladder.strangersDoubt ??= call.from.doubt;
          return [{ ladder, counts: ladder.strangers }];
        }),
      ),
    );
    this.#hits[route.id] = hits;
    return hits;
  }
}
