import type { Micros } from '../../../model/units.ts';
import { RemoteClock } from './clock.ts';
import { Numbering } from './numbering.ts';

/** The iterations of one path in one k6. */
export type SourcePath = {
  readonly numbering: Numbering;
  /** Places before this one lie before the span that counts. */
  first: number;
  /** Among the k6 processes that share the path, in the order in which they begin. */
  rank: number;
  /** Drops that were known when the span began. */
  earlierDrops: number;
  /** Drops that were counted while they happened. */
  countedDrops: number;
};

/** One k6 process, here or in a pod. */
export class Source {
  readonly name: string;
  readonly clock = new RemoteClock();
  readonly paths: readonly SourcePath[];

  /** `intervals` lie between two iterations of each path in this k6. */
  constructor(name: string, intervals: readonly Micros[]) {
    this.name = name;
    this.paths = intervals.map((interval) => {
      return { numbering: new Numbering(interval), first: 0, rank: 0, earlierDrops: 0, countedDrops: 0 };
    });
  }

  /** Every path has sent something, and its times can be put on ours. */
  get running(): boolean {
    return this.clock.known && this.paths.every(({ numbering }) => numbering.first !== Number.POSITIVE_INFINITY);
  }

  /** Run time of the first place of a path's window. */
  opens({ numbering, first }: SourcePath): Micros {
    return this.clock.zero + numbering.due(first);
  }
}
