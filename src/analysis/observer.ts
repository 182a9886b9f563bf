import { PHASES } from '../model/history.ts';
import { LATE, type RequestRecord } from '../model/record.ts';
import type { Micros } from '../model/units.ts';
import { type ChainKind, ChainTable } from './chains.ts';
import { exampleOf } from './example.ts';
import type { Facts } from './facts.ts';
import { type Caller, FailureGroups } from './failure-groups.ts';
import { binOf, Histogram } from './histogram.ts';
import { LadderCounts } from './ladder-counts.ts';
import { BAD, GOOD, type PathState, type Plan, UNKNOWN } from './path-state.ts';
import { blame, Planner } from './planner.ts';
import type { Segment, Window } from './segments.ts';
import { SeriesBuilder } from './series.ts';
import type { Stage } from './stages.ts';

/** More callers than this are counted together. */
const MAX_CALLERS = 10_000;

const PHASE_INDEX: ReadonlyMap<string | undefined, number> = new Map(PHASES.map((phase, index) => [phase, index]));

/** Good hops are counted for each service and the zone that served it. */
export type PlaceRow = { readonly service: string; readonly zone: string; readonly row: number };

/** Counts records that come in due order on each path. What is kept does not grow with the number of records. */
export class Observer {
  readonly series: SeriesBuilder;
  readonly chains: ChainTable;
  readonly failures: FailureGroups;
  /** Bad requests in the budget window by calling proxy. */
  readonly callers = new Map<string, { readonly zone: string; bad: number }>();
  /** By stage, one for each declared order. */
  readonly ladders: readonly (readonly LadderCounts[])[];
  /** By phase, then by place. */
  readonly latency: (Histogram | undefined)[][] = PHASES.map(() => []);
  readonly places: PlaceRow[] = [];
  /** Responses whose chain line is missing from the file. */
  unresolved = 0;
  /** Requests that the target answered in time, or had no time to answer, because the generator sent them late. */
  sentLate = 0;
  readonly #placeIds = new Map<string, number>();
  readonly #planner: Planner;
  readonly #budget: Window;
  readonly #status: number;
  readonly #maxLatency: Micros;

  constructor(facts: Facts, stages: readonly Stage[], segments: readonly Segment[], budget: Window) {
    const { scenario } = facts.header;
    const { good } = scenario.load;
    this.series = new SeriesBuilder(facts.end);
    this.chains = new ChainTable(good);
    this.failures = new FailureGroups(good);
    this.ladders = stages.map((stage) => scenario.expect.failoverOrder.map((order) => new LadderCounts(order, stage)));
    const placeId = (service: string, zone: string): number => this.#place(service, zone);
    this.#planner = new Planner(scenario, segments.length, this.ladders, placeId);
    this.#budget = budget;
    this.#status = good.status;
    this.#maxLatency = good.latencyMs * 1000;
  }

  observe(path: PathState, record: RequestRecord): void {
    const column = this.series.column(record.due);
    const kind = this.#kindOf(record);
    if (kind === undefined) {
      this.series.add(this.series.dropped, column);
      path.count(UNKNOWN);
      return;
    }
    const plan = path.plans[kind.index] ?? this.#makePlan(path, kind);
    const isServed = record.status === this.#status && kind.complete && record.outcome === 'response';
    const latency = record.end - record.due;
    this.#count(path, plan, record, isServed);
    if (isServed && latency <= this.#maxLatency) this.#good(path, plan, record, column, latency);
    else if (this.#isLate(record, isServed)) this.#late(path, column);
    else this.#bad(path, plan, record, column);
  }

  /**
   * Whether it would have been good, or could have been, had it been sent when it was due. A timeout counts from the due
   * time, so one that was sent half its good latency late was given up before its target could answer.
   */
  #isLate({ due, start, end, error }: RequestRecord, isServed: boolean): boolean {
    if (!isServed && error !== 'timeout') return false;
    return start - due > (isServed ? LATE : this.#maxLatency / 2) && end - start <= this.#maxLatency;
  }

  /** Neither good, because nobody knows what a request in time would have met, nor the target's fault. */
  #late(path: PathState, column: number): void {
    this.sentLate++;
    this.series.add(this.series.dropped, column);
    path.count(UNKNOWN);
  }

  /** Undefined for what cannot be judged: dropped, or a response whose chain is not known. */
  #kindOf(record: RequestRecord): ChainKind | undefined {
    if (record.outcome === 'dropped') return undefined;
    if (record.outcome === 'error') return this.chains.none;
    const kind = this.chains.get(record.chain);
    if (kind === undefined) this.unresolved++;
    return kind;
  }

  #makePlan(path: PathState, kind: ChainKind): Plan {
    const plan = this.#planner.plan(path, kind);
    path.plans[kind.index] = plan;
    return plan;
  }

  #count(path: PathState, plan: Plan, record: RequestRecord, isServed: boolean): void {
    const { index, stage, afterUndo } = path.segment;
    if (record.outcome === 'response') {
      const counts = isServed ? plan.served : plan.unserved;
      counts[index] = (counts[index] as number) + 1;
      if (plan.first[index] === undefined) plan.first[index] = exampleOf(path.index, record, plan.kind.chain);
    }
    if (stage >= 0) this.#ladder(path, plan, record, isServed, stage);
    else if (isServed && afterUndo) for (const { tracker, atHome } of plan.failback) tracker.add(record, atHome);
  }

  #ladder(path: PathState, plan: Plan, record: RequestRecord, isServed: boolean, stage: number): void {
    if (!isServed) {
      for (const counts of plan.failed[stage] ?? []) {
        if (counts.add(counts.failed, record.due)) counts.failed.first = exampleOf(path.index, record, plan.kind.chain);
      }
      return;
    }
    for (const { counts, zone } of plan.ladder[stage] ?? []) {
      if (counts.add(zone, record.due)) zone.first = exampleOf(path.index, record, plan.kind.chain);
    }
  }

  #good(path: PathState, plan: Plan, record: RequestRecord, column: number, latency: Micros): void {
    const { series } = this;
    const bin = binOf(latency);
    path.count(GOOD);
    series.add(series.good, column);
    series.add(path.rows.good, column);
    series.addLatency(column, latency, bin);
    const histograms = this.latency[PHASE_INDEX.get(path.segment.phase) ?? -1];
    for (const place of plan.places) {
      series.add((this.places[place] as PlaceRow).row, column);
      if (histograms !== undefined) histogramAt(histograms, place).add(latency, bin);
    }
    if (path.segment.stage >= 0) path.trackers[path.segment.stage]?.addGood(record, plan.kind);
  }

  #bad(path: PathState, plan: Plan, record: RequestRecord, column: number): void {
    path.count(BAD);
    path.firstBad[path.segment.index] ??= exampleOf(path.index, record, plan.kind.chain);
    this.series.add(this.series.bad, column);
    this.series.add(path.rows.bad, column);
    if (path.segment.stage >= 0) path.trackers[path.segment.stage]?.addBad(record, plan.kind);
    if (record.due < this.#budget.start || record.due >= this.#budget.end) return;
    const caller = record.outcome === 'response' ? plan.caller : blame(undefined, path);
    this.failures.add(path.index, path.id, record, plan.kind, caller);
    this.#charge(caller);
  }

  #charge(caller: Caller): void {
    const known = this.callers.get(caller.id);
    if (known !== undefined) known.bad++;
    else if (this.callers.size < MAX_CALLERS) this.callers.set(caller.id, { zone: caller.zone, bad: 1 });
  }

  #place(service: string, zone: string): number {
    const key = `${service}\u0000${zone}`;
    const known = this.#placeIds.get(key);
    if (known !== undefined) return known;
    const id = this.places.push({ service, zone, row: this.series.row() }) - 1;
    this.#placeIds.set(key, id);
    return id;
  }
}

function histogramAt(histograms: (Histogram | undefined)[], place: number): Histogram {
  let histogram = histograms[place];
  if (histogram === undefined) {
    histogram = new Histogram();
    histograms[place] = histogram;
  }
  return histogram;
}
