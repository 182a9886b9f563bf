import { expect } from 'chai';
import { BEAT_MS, StallMeter } from './stalls.ts';

const BEAT = BEAT_MS * 1000;

describe('load/stalls', () => {
  it('tells a stretch in which the thread did not come round, and nothing of beats in time', () => {
    const meter = new StallMeter(1000, 0);
    expect([BEAT, 2 * BEAT + 9000, 3 * BEAT].map((now) => meter.beat(now))).to.deep.equal([
      undefined,
      undefined,
      undefined,
    ]);
    expect(meter.beat(3 * BEAT + 1_700_000)).to.deep.equal({ from: 3 * BEAT, to: 3 * BEAT + 1_700_000 });
    expect(meter.beat(4 * BEAT + 1_700_000)).to.equal(undefined);
  });

  it('asks for a quarter of the time that an answer may take, within limits', () => {
    const stalls = (goodLatencyMs: number, lost: number) =>
      new StallMeter(goodLatencyMs, 0).beat(BEAT + lost) !== undefined;
    for (const [good, least] of [
      [400, 100_000],
      [50, 50_000],
      [10_000, 250_000],
    ] as const)
      expect([stalls(good, least - 1), stalls(good, least)], `${good} ms`).to.deep.equal([false, true]);
  });

  it('begins with the run', () => {
    expect(new StallMeter(1000, -500_000).beat(900_000)).to.deep.equal({ from: 0, to: 900_000 });
  });
});
