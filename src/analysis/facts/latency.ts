import { PHASES } from '../../model/history.ts';
import type { RequestRecord } from '../../model/record.ts';
import type { Route } from '../ingest/path.ts';
import type { Segment } from '../timeline/windows.ts';
import { binOf, Histogram } from './histogram.ts';
import type { SeriesBuilder } from './series.ts';

/** Latency of all served requests, however slow, by phase and chain kind; and how many of each phase were never served. */
export class LatencyBook {
  /** By phase, then by chain kind. */
  readonly served: (Histogram | undefined)[][] = PHASES.map(() => []);
  readonly unserved: number[] = PHASES.map(() => 0);

  add(route: Route, segment: Segment, record: RequestRecord, series: SeriesBuilder): void {
    const latency = record.end - record.due;
    const bin = binOf(latency);
    series.latencyAt(record.due).add(latency, bin);
    this.of(route, segment)?.add(latency, bin);
  }

  /** Where the latency of a route's served requests counts; undefined outside of the phases. */
  of(route: Route, segment: Segment): Histogram | undefined {
    if (segment.phase < 0) return undefined;
    const histograms = this.served[segment.phase] as (Histogram | undefined)[];
    const known = histograms[route.kind.index];
    if (known !== undefined) return known;
    const histogram = new Histogram();
    histograms[route.kind.index] = histogram;
    return histogram;
  }

  /** One request that was sent and never completely answered. */
  unanswered(segment: Segment): void {
    if (segment.phase >= 0) this.unserved[segment.phase] = (this.unserved[segment.phase] as number) + 1;
  }
}
