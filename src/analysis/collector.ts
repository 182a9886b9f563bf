import type { Chain, RecordVisitor, RequestRecord } from '../model/record.ts';
import type { Micros } from '../model/units.ts';
import type { Facts } from './facts.ts';
import { Observer } from './observer.ts';
import { OutageTracker } from './outage-tracker.ts';
import { PathState } from './path-state.ts';
import { type Segment, segmentsOf, type Windows, windowsOf } from './segments.ts';
import { holdOf, type Stage, stagesOf } from './stages.ts';

/** Records are written when they end, so they can be out of order by a timeout, and by a slow writer's buffer. */
const WRITE_SLACK: Micros = 5_000_000;
const MAX_PATHS = 10_000;

/** Takes the records of a run as they stand in the file and counts them in one pass; nothing is judged here. */
export class Collector implements RecordVisitor {
  readonly facts: Facts;
  readonly stages: readonly Stage[];
  readonly windows: Windows;
  readonly segments: readonly Segment[];
  readonly observer: Observer;
  /** Paths of the topology in its order, then others of the file. */
  readonly paths: PathState[] = [];
  corruptLines = 0;
  readonly #byIndex: (PathState | undefined)[] = [];
  #latest: Micros = 0;

  constructor(facts: Facts) {
    this.facts = facts;
    this.stages = stagesOf(facts);
    this.windows = windowsOf(facts);
    this.segments = segmentsOf(facts, this.stages, this.windows);
    this.observer = new Observer(facts, this.stages, this.segments, this.windows.budget);
    for (const path of facts.header.topology.paths) this.paths.push(this.#open(-1, path.id));
  }

  header(): void {}

  path(index: number, id: string): void {
    const known = this.paths.findIndex((path) => path.id === id);
    const isTaken = this.#byIndex[index] !== undefined || (known >= 0 && this.paths[known]?.index !== -1);
    if (isTaken || index >= MAX_PATHS) {
      this.corruptLines++;
      return;
    }
    const state = this.#open(index, id);
    this.#byIndex[index] = state;
    if (known >= 0) this.paths[known] = state;
    else this.paths.push(state);
  }

  chain(index: number, chain: Chain): void {
    this.observer.chains.define(index, chain);
  }

  request(record: RequestRecord): void {
    const path = this.#byIndex[record.path];
    if (path === undefined) {
      this.corruptLines++;
      return;
    }
    if (record.end > this.#latest) this.#latest = record.end;
    path.reorder.push(record, this.#latest);
  }

  corrupt(): void {
    this.corruptLines++;
  }

  /** The file has ended. */
  finish(): void {
    for (const path of this.paths) {
      path.reorder.finish();
      for (const [stage, tracker] of path.trackers.entries()) tracker.finish(this.stages[stage]?.end ?? 0);
    }
  }

  #open(index: number, id: string): PathState {
    const { facts, observer } = this;
    const { series } = observer;
    const hold = holdOf(facts);
    return new PathState(
      index,
      id,
      facts.header.topology.paths.find((path) => path.id === id),
      {
        segments: this.segments,
        trackers: this.stages.map((stage) => new OutageTracker(index, stage, hold)),
        rows: { good: series.row(), bad: series.row() },
        bound: facts.header.scenario.load.timeoutMs * 1000 + WRITE_SLACK,
        emit: (path, record) => observer.observe(path, record),
      },
    );
  }
}
