import { LATE, type RequestRecord } from '../../model/record.ts';
import type { RecoveryRule } from '../../model/recovery-rule.ts';
import type { Micros } from '../../model/units.ts';
import type { ChainRef } from '../ingest/chains.ts';
import type { PathStream } from '../ingest/path.ts';
import type { Stage } from '../timeline/stages.ts';
import type { Segment, Window, Windows } from '../timeline/windows.ts';
import { blame } from './callers.ts';
import { OutageTracker } from './outage-tracker.ts';

const BASELINE = 0;

/** Follows every path through the baseline, each stage and the way home. */
export class OutageBook {
  readonly #parts: readonly Window[];
  readonly #budget: Window;
  readonly #rule: RecoveryRule;
  readonly #trackers: (OutageTracker | undefined)[][] = [];
  /** When each path's last good request was sent. */
  readonly #lastGood: Micros[] = [];

  /** When each path's last request was sent. */
  readonly #lastStart: Micros[] = [];

  /** `end`: the end of the run, where the last part ends. */
  constructor(stages: readonly Stage[], windows: Windows, rule: RecoveryRule, end: Micros) {
    const home =
      windows.home === undefined ? [] : [{ start: windows.home.start, end: Math.max(windows.home.start, end) }];
    this.#parts = [windows.baseline, ...stages, ...home];
    this.#budget = windows.budget;
    this.#rule = rule;
  }

  good(path: PathStream, segment: Segment, record: RequestRecord, chain: ChainRef): void {
    this.#at(path, segment)?.addGood(record, chain.chain);
    this.#stageBefore(path, segment)?.proveOn(record);
    // A good answer that belongs to the next part was sent in this one all the same.
    if (segment !== path.segment) this.#at(path, path.segment)?.noteSent(record);
    this.#lastGood[path.row] = record.start;
    this.#lastStart[path.row] = record.start;
  }

  /** Where further good requests of a path only count; undefined where one may change what is known of an outage. */
  calm(path: PathStream, segment: Segment): OutageTracker | undefined {
    const tracker = segment === path.segment ? this.#at(path, segment) : undefined;
    const isCalm = tracker?.isCalm === true && !this.#stageBefore(path, segment)?.isProving;
    return isCalm ? tracker : undefined;
  }

  /** The last one of them was sent then. */
  calmUntil(path: PathStream, lastSent: Micros): void {
    this.#lastGood[path.row] = lastSent;
    this.#lastStart[path.row] = lastSent;
  }

  bad(path: PathStream, segment: Segment, record: RequestRecord, chain: ChainRef): void {
    const counts = record.due < this.#budget.end && segment.part !== 'baseline' && segment.part !== 'ahead';
    const answer = record.ended === 'response' && !chain.kind.complete[path.rule.index] ? chain : undefined;
    const spacing = 1e6 / path.rate;
    const isLate = record.start - record.due > Math.max(LATE, spacing);
    const isCrowded = isLate && record.start - (this.#lastStart[path.row] ?? 0) < spacing / 2;
    // No answer of a path without a call chain tells who called.
    const isGuess = record.ended === 'error' || path.rule.good.chain.length === 0;
    const charge = counts ? { caller: blame(answer, path), isCrowded, isGuess } : undefined;
    const after = this.#lastGood[path.row] ?? 0;
    this.#stageBefore(path, segment)?.endProof();
    this.#at(path, segment)?.addBad(record, chain.chain, after, charge);
    this.#lastStart[path.row] = record.start;
  }

  /** Opens what no request has opened, and closes the books. `until`: when load was not wanted any more. */
  finish(paths: readonly PathStream[], until: Micros): void {
    for (const path of paths) {
      for (const [part, window] of this.#parts.entries()) this.#tracker(path, part).finish(Math.min(window.end, until));
    }
  }

  baseline(path: PathStream): OutageTracker {
    return this.#tracker(path, BASELINE);
  }

  stage(path: PathStream, stage: number): OutageTracker {
    return this.#tracker(path, stage + 1);
  }

  /** Undefined when nothing was undone. */
  home(path: PathStream, stages: number): OutageTracker | undefined {
    return this.#parts.length > stages + 1 ? this.#tracker(path, stages + 1) : undefined;
  }

  #stageBefore(path: PathStream, { part, stage }: Segment): OutageTracker | undefined {
    return part === 'stage' && stage > 0 ? this.#tracker(path, stage) : undefined;
  }

  #at(path: PathStream, { part, stage }: Segment): OutageTracker | undefined {
    if (part === 'baseline') return this.#tracker(path, BASELINE);
    if (part === 'home') return this.#tracker(path, this.#parts.length - 1);
    return part === 'stage' && stage >= 0 ? this.#tracker(path, stage + 1) : undefined;
  }

  #tracker(path: PathStream, part: number): OutageTracker {
    let row = this.#trackers[path.row];
    if (row === undefined) {
      row = [];
      this.#trackers[path.row] = row;
    }
    let tracker = row[part];
    if (tracker === undefined) {
      tracker = new OutageTracker(path.index, this.#parts[part] as Window, this.#rule);
      row[part] = tracker;
    }
    return tracker;
  }
}
