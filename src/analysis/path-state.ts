import type { RequestRecord } from '../model/record.ts';
import type { Path } from '../model/target.ts';
import type { Micros } from '../model/units.ts';
import type { ChainKind } from './chains.ts';
import type { Example } from './example.ts';
import type { FailbackTracker } from './failback-tracker.ts';
import type { Caller } from './failure-groups.ts';
import type { LadderCounts, ZoneCounts } from './ladder-counts.ts';
import type { OutageTracker } from './outage-tracker.ts';
import { Reorder } from './reorder.ts';
import type { Segment } from './segments.ts';

export const GOOD = 0;
export const BAD = 1;
/** Dropped, sent too late, or not to be judged. */
export const UNKNOWN = 2;

/** One chain kind on one path: everything that counting a record needs, looked up once. */
export type Plan = {
  readonly kind: ChainKind;
  /** The proxy that made the last call of this chain. */
  readonly caller: Caller;
  /** Ids of (service, zone) pairs, one for each hop. */
  readonly places: readonly number[];
  /** Hops, and those served in their caller's own zone. */
  readonly hops: number;
  readonly ownZone: number;
  /** Responses with the expected status and a complete chain, by segment, however slow. */
  readonly served: Float64Array;
  /** Other responses, by segment. */
  readonly unserved: Float64Array;
  /** First response of this kind in each segment. */
  readonly first: (Example | undefined)[];
  /** By stage: where its hops count on the declared ladders when it is served, and when it is not. */
  readonly ladder: readonly (readonly { readonly counts: LadderCounts; readonly zone: ZoneCounts }[])[];
  readonly failed: readonly (readonly LadderCounts[])[];
  readonly failback: readonly { readonly tracker: FailbackTracker; readonly atHome: boolean }[];
};

/** What is remembered of one path while its records stream by in due order. */
export class PathState {
  /** Index in the record file; -1 for a path of the topology that the file does not have. */
  readonly index: number;
  readonly id: string;
  readonly zone: string;
  readonly cluster: string;
  readonly counts: Float64Array;
  readonly missing: Float64Array;
  /** First bad request in each segment. */
  readonly firstBad: (Example | undefined)[] = [];
  readonly plans: (Plan | undefined)[] = [];
  readonly trackers: OutageTracker[];
  readonly failback = new Map<string, FailbackTracker>();
  readonly rows: { readonly good: number; readonly bad: number };
  readonly reorder: Reorder;
  segment: Segment;
  lastDue: Micros = -1;
  /** Longest time between two requests that were due one after the other. */
  longestGap: Micros = 0;
  records = 0;
  readonly #segments: readonly Segment[];

  constructor(
    index: number,
    id: string,
    path: Path | undefined,
    parts: {
      segments: readonly Segment[];
      trackers: OutageTracker[];
      rows: { good: number; bad: number };
      bound: Micros;
      emit: (state: PathState, record: RequestRecord) => void;
    },
  ) {
    this.index = index;
    this.id = id;
    this.zone = path?.zone ?? id.slice(id.lastIndexOf('/') + 1);
    this.cluster = path?.cluster ?? '';
    this.#segments = parts.segments;
    this.segment = parts.segments[0] as Segment;
    this.counts = new Float64Array(parts.segments.length * 3);
    this.missing = new Float64Array(parts.segments.length);
    this.trackers = parts.trackers;
    this.rows = parts.rows;
    this.reorder = new Reorder(parts.bound, (record, missing) => {
      this.#moveTo(record.due, missing);
      parts.emit(this, record);
    });
  }

  count(what: number): void {
    const slot = this.segment.index * 3 + what;
    this.counts[slot] = (this.counts[slot] as number) + 1;
  }

  /** Sum of one count over segments. */
  sum(segments: readonly Segment[], what: number): number {
    return segments.reduce((sum, segment) => sum + (this.counts[segment.index * 3 + what] as number), 0);
  }

  /** Requests of these segments that nothing is known about: dropped, sent too late, or without a record. */
  unknown(segments: readonly Segment[]): number {
    const missing = segments.reduce((sum, segment) => sum + (this.missing[segment.index] as number), 0);
    return missing + this.sum(segments, UNKNOWN);
  }

  /** Records may be missing anywhere between the last one and this one. */
  #moveTo(due: Micros, missing: number): void {
    if (missing > 0) this.#miss(missing);
    if (due < this.segment.start) this.segment = this.#segments.findLast((s) => s.start <= due) ?? this.segment;
    while (due >= this.segment.end) {
      this.segment = this.#segments[this.segment.index + 1] as Segment;
      if (missing > 0) this.#miss(missing);
    }
    if (this.lastDue >= 0 && missing === 0) this.longestGap = Math.max(this.longestGap, due - this.lastDue);
    if (due > this.lastDue) this.lastDue = due;
    this.records++;
  }

  #miss(missing: number): void {
    this.missing[this.segment.index] = (this.missing[this.segment.index] as number) + missing;
  }
}
