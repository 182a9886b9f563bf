import assert from 'node:assert/strict';
import type { Micros } from '../../model/units.ts';
import type { LoadOutcome } from './run-load.ts';

/**
 * Every due request of a path is there once, evenly spaced (to `blur` microseconds), and the summary says the same
 * numbers.
 */
export function expectComplete(
  { records, summary }: Pick<LoadOutcome, 'records' | 'summary'>,
  ratePerSecond: number,
  blur = 1,
): void {
  summary.counts.forEach((counts, path) => {
    const own = records.filter((r) => r.path === path).toSorted((a, b) => a.seq - b.seq);
    assert.deepEqual(
      own.map((r) => r.seq),
      own.map((_, i) => i),
    );
    const interval = 1_000_000 / ratePerSecond;
    const first = own[0]?.due ?? 0;
    for (const { due, seq } of own)
      assert.ok(Math.abs(due - first - seq * interval) <= blur, `due time of request ${seq}`);
    assert.equal(own.length, counts.due);
    assert.equal(own.filter((r) => r.ended === 'dropped').length, counts.dropped);
    assert.equal(counts.sent + counts.dropped, counts.due);
  });
}

/** Percentiles in which requests that were not on their way say too little: those of a closed loop would be lower. */
const PERCENTILES = [50, 60, 70, 80, 90, 95, 99];
/** Ranks, in percent, that a moment between a signal and its effect may shift. */
const RANK_BLUR = 3;

/**
 * The latencies, from the due times, are at least those of an open model: whatever was due while the target was frozen
 * has waited until it thawed, or for the timeout. `frozen` is on the scale of hrtimeMicros.
 */
export function expectOpenModel(
  { records, zero }: LoadOutcome,
  frozen: { from: Micros; to: Micros },
  timeoutMs: number,
) {
  const least = records.map(({ due }) => {
    const at = due + zero;
    return at < frozen.from || at > frozen.to ? 0 : Math.min(frozen.to - at, timeoutMs * 1000);
  });
  const measured = records.map(({ due, end }) => end - due);
  for (const p of PERCENTILES) {
    const [wanted, got] = [percentile(least, p - RANK_BLUR), percentile(measured, p)];
    assert.ok(got >= wanted, `p${p}: ${got} us, and an open model has at least ${wanted} us`);
  }
}

function percentile(values: readonly number[], p: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor((p / 100) * sorted.length))] ?? 0;
}
