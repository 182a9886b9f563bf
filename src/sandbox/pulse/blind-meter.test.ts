import { expect } from 'chai';
import fc from 'fast-check';
import { BlindMeter, type Stretch } from './blind-meter.ts';
import type { Gap } from './pulse.ts';

const MS = 1000;

/** What a meter tells of gaps given as [from, to] in milliseconds, when it is asked at the end. */
function stretches(answerWithinMs: number, gaps: readonly (readonly [number, number])[], atMs?: number): Stretch[] {
  const told: Stretch[] = [];
  const meter = new BlindMeter(answerWithinMs, (stretch) => told.push(stretch));
  for (const [from, to] of gaps) meter.hear({ at: to * MS, gaps: [gap(from, to)] });
  meter.hear({ at: (atMs ?? (gaps.at(-1)?.[1] ?? 0) + 60_000) * MS, gaps: [] });
  meter.flush();
  return told;
}

function gap(from: number, to: number): Gap {
  return { from: from * MS, to: to * MS, cpu: 0 };
}

/** Stalls of the same length, again and again. */
function every(periodMs: number, stallMs: number, count: number): [number, number][] {
  return Array.from({ length: count }, (_, i) => [i * periodMs, i * periodMs + stallMs]);
}

describe('the blind meter', () => {
  it('is silent about hiccups, also about many of them', () => {
    expect(stretches(1000, [[500, 560]])).to.deep.equal([]);
    expect(stretches(1000, every(1000, 200, 60))).to.deep.equal([]);
    expect(stretches(1000, every(100, 50, 600))).to.deep.equal([]);
  });

  it('tells of one stall that takes a quarter of the time an answer may take', () => {
    const [stretch, ...others] = stretches(1000, [[500, 1700]]);
    expect(others).to.deep.equal([]);
    expect(stretch).to.deep.include({ from: 500 * MS, lost: 1190 * MS });
    expect(stretches(1000, [[500, 765]])).to.have.length(1);
    expect(stretches(400, [[500, 615]])).to.have.length(1);
    expect(stretches(400, [[500, 590]])).to.have.length(0);
    expect(stretches(60_000, [[500, 765]]), 'hops have limits of their own').to.have.length(1);
  });

  it('tells of a process that gets 8 % of a processor, though it never stands still for long', () => {
    const [stretch, ...others] = stretches(1000, every(100, 92, 80));
    expect(others).to.deep.equal([]);
    expect(stretch?.from).to.equal(0);
    expect(stretch?.to).to.be.at.least(7992 * MS);
  });

  it('tells of a process whose every round takes so long that ten of them take longer than an answer may', () => {
    expect(stretches(1000, every(100, 100, 40))).to.have.length(1);
    expect(stretches(1000, every(30, 30, 40))).to.have.length(0);
    expect(stretches(400, every(40, 40, 40))).to.have.length(1);
  });

  it('includes the time in which the process works off what has waited, but not the future', () => {
    expect(stretches(1000, [[0, 5000]])[0]?.to).to.equal(9980 * MS);
    expect(stretches(1000, every(100, 92, 80))[0]?.to, 'some was worked off in between').to.be.within(
      13_000 * MS,
      15_000 * MS,
    );
    expect(stretches(1000, every(1000, 500, 8))[0]?.to, 'all was worked off in between').to.equal(8500 * MS);
    expect(stretches(1000, [[0, 300]])[0]?.to).to.equal(590 * MS);
    expect(stretches(1000, [[0, 5000]], 5010)[0]?.to).to.equal(5010 * MS);
  });

  it('joins stalls that are close to each other and keeps others apart', () => {
    const close: [number, number][] = [
      [0, 400],
      [1000, 1400],
    ];
    const apart: [number, number][] = [
      [0, 400],
      [4000, 4400],
    ];
    expect(stretches(1000, close)).to.have.length(1);
    expect(stretches(1000, close)[0]?.lost).to.equal(780 * MS);
    expect(stretches(1000, apart).map(({ from }) => from)).to.deep.equal([0, 4000 * MS]);
  });

  it('tells of a stretch when it is over, and of an open one when asked', () => {
    const told: Stretch[] = [];
    const meter = new BlindMeter(1000, (stretch) => told.push(stretch));
    meter.hear({ at: 400 * MS, gaps: [gap(0, 400)] });
    expect(told).to.have.length(0);
    meter.flush();
    expect(told).to.have.length(1);
    meter.hear({ at: 900 * MS, gaps: [gap(300, 900)] });
    meter.hear({ at: 3000 * MS, gaps: [] });
    expect(told.map(({ from, to }) => [from, to])).to.deep.equal([
      [0, 400 * MS],
      [400 * MS, 1400 * MS],
    ]);
  });

  it('keeps the number of stretches within bounds over a whole day', () => {
    const day = every(4000, 400, 86_400 / 4);
    const told = stretches(1000, day);
    expect(told.length).to.be.within(100, 600);
    for (const [from] of day) expect(told.some((one) => one.from <= from * MS && from * MS <= one.to)).to.equal(true);
  });

  const history = fc
    .array(fc.tuple(fc.integer({ min: 10, max: 3000 }), fc.integer({ min: 20, max: 1500 })), { maxLength: 60 })
    .map((steps) => {
      let t = 0;
      return steps.map(([pause, stall]): [number, number] => {
        const from = t + pause;
        t = from + stall;
        return [from, t];
      });
    });

  it('tells in order, without overlap, of all stalls that matter and of nothing where nothing was lost', () => {
    fc.assert(
      fc.property(history, fc.integer({ min: 100, max: 3000 }), (gaps, within) => {
        const told = stretches(within, gaps);
        let last = 0;
        for (const { from, to, lost } of told) {
          expect(from).to.be.at.least(last);
          expect(lost).to.be.within(1, to - from);
          expect(from === last || gaps.some((one) => one[0] * MS === from)).to.equal(true);
          last = to;
        }
        for (const [from, to] of gaps.filter((one) => one[1] - one[0] >= 260)) {
          expect(told.some((one) => one.from <= from * MS && to * MS <= one.to)).to.equal(true);
        }
      }),
    );
  });

  it('tells the same when it is asked in between, only in more pieces', () => {
    const covered = (told: readonly Stretch[], ms: number) =>
      told.some(({ from, to }) => from <= ms * MS && ms * MS <= to);
    fc.assert(
      fc.property(history, fc.nat({ max: 60 }), (gaps, at) => {
        const told: Stretch[] = [];
        const meter = new BlindMeter(1000, (stretch) => told.push(stretch));
        for (const [i, [from, to]] of gaps.entries()) {
          meter.hear({ at: to * MS, gaps: [gap(from, to)] });
          if (i === at) meter.flush();
        }
        meter.flush();
        for (let i = 1; i < told.length; i++) expect(told[i]?.from).to.be.at.least(told[i - 1]?.to ?? 0);
        for (const [from, to] of gaps.filter((one) => one[1] - one[0] >= 260)) {
          expect(covered(told, from) && covered(told, to)).to.equal(true);
        }
      }),
    );
  });
});
