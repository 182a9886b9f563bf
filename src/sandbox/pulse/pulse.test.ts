import { expect } from 'chai';
import type { Clock } from '../../model/ports.ts';
import { type Beat, pulse } from './pulse.ts';

/** A clock on which each sleep takes as long as told, in milliseconds; the pulse ends when all are used up. */
async function beats(sleepsMs: readonly number[], cpuShare = 0): Promise<Beat[]> {
  const end = new AbortController();
  let now = 5_000_000;
  let next = 0;
  const clock: Clock = {
    now: () => now,
    wall: () => new Date(0),
    sleep: async () => {
      now += (sleepsMs[next++] ?? 0) * 1000;
      if (next === sleepsMs.length) end.abort();
    },
  };
  const told: Beat[] = [];
  await pulse({ clock, cpu: () => now * cpuShare, signal: end.signal }, (beat) => told.push(beat));
  return told;
}

describe('the pulse of a process', () => {
  it('beats about four times a second, without gaps when all is well', async () => {
    const told = await beats(new Array(100).fill(11));
    expect(told).to.have.length(4);
    expect(told.flatMap(({ gaps }) => gaps)).to.deep.equal([]);
    for (const [i, { at }] of told.entries())
      expect(at - (told[i - 1]?.at ?? 5_000_000)).to.be.within(250_000, 261_000);
  });

  it('tells of each gap once, with the processor time that was used in it', async () => {
    const told = await beats([10, 400, 10, 30, 10, 10, 300], 0.5);
    expect(told).to.deep.equal([
      { at: 5_410_000, gaps: [{ from: 5_010_000, to: 5_410_000, cpu: 200_000 }] },
      {
        at: 5_770_000,
        gaps: [
          { from: 5_420_000, to: 5_450_000, cpu: 15_000 },
          { from: 5_470_000, to: 5_770_000, cpu: 150_000 },
        ],
      },
    ]);
  });
});
