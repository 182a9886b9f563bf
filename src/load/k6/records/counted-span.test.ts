import { expect } from 'chai';
import { CountedSpan } from './counted-span.ts';
import { Source } from './source.ts';

/** A k6 at whose zero the run had this time, and whose places of one path lie each 200 ms from its own `plan` on. */
function k6(zero: number, plan: number): Source {
  const source = new Source('k6', [200_000]);
  source.clock.learn(0, zero * 1000, zero * 1000);
  source.paths[0]?.numbering.learn(0, plan * 1000);
  return source;
}

const pathOf = ({ paths: [path] }: Source) => path ?? expect.fail('there is no path');

/** Numbers of places that count. */
const numbers = (counted: CountedSpan, source: Source, places: readonly number[]) =>
  places.map((place) => counted.number(0, pathOf(source), place));

const untold = (counted: CountedSpan, source: Source, now: number) => counted.untold(source, 0, now * 1000);

describe('load/k6/records/counted-span: which requests count, and their numbers', () => {
  it('counts all of a single k6 from its first place on, whenever it is opened', () => {
    const one = k6(100, 0);
    const counted = new CountedSpan([one], false);
    expect([counted.isOpen, counted.isEnded]).to.deep.equal([false, false]);
    counted.open(5_000_000);
    expect([counted.isOpen, counted.isEnded]).to.deep.equal([true, false]);
    expect(numbers(counted, one, [0, 1, 2, 1000])).to.deep.equal([0, 1, 2, 1000]);
  });

  it('counts what several k6 send from its opening on, in the order of due times', () => {
    const [a, b] = [k6(100, 30), k6(0, 50)];
    const counted = new CountedSpan([a, b], false);
    // a is due at 130, 330, 530 …, b at 50, 250, 450 …
    counted.open(260_000);
    expect(numbers(counted, a, [0, 1, 2])).to.deep.equal([undefined, 0, 2]);
    expect(numbers(counted, b, [1, 2, 3])).to.deep.equal([undefined, 1, 3]);
  });

  it('ends with the last number before which none is missing', () => {
    const [a, b] = [k6(100, 30), k6(0, 50)];
    const counted = new CountedSpan([a, b], false);
    counted.open(0);
    counted.end(755_000);
    expect(counted.isEnded).to.equal(true);
    // What is due up to 455 counts: of b 50, 250 and 450, of a 130 and 330.
    expect(numbers(counted, b, [0, 1, 2, 3])).to.deep.equal([0, 2, 4, undefined]);
    expect(numbers(counted, a, [0, 1, 2])).to.deep.equal([1, 3, undefined]);
  });

  it('knows what no request has taken, as far as it must have been sent by now', () => {
    const one = k6(0, 0);
    const counted = new CountedSpan([one], false);
    counted.open(0);
    pathOf(one).numbering.take(1, 200_000);
    expect(untold(counted, one, 300)).to.deep.equal([]);
    expect(untold(counted, one, 701)).to.deep.equal([
      { place: 0, number: 0 },
      { place: 2, number: 2 },
    ]);
    counted.end(501_000);
    expect(untold(counted, one, 60_000).map(({ place }) => place)).to.deep.equal([0]);
  });

  it('counts just what was told of where k6 tells of everything, whatever the time', () => {
    const one = k6(0, 0);
    const counted = new CountedSpan([one], true);
    counted.open(0);
    for (const number of [0, 2]) pathOf(one).numbering.take(number, number * 200_000);
    pathOf(one).numbering.drop(600_000);
    const missing = [
      { place: 1, number: 1 },
      { place: 3, number: 3 },
    ];
    for (const now of [0, 60_000]) expect(untold(counted, one, now)).to.deep.equal(missing);
  });

  it('decides how many count when all can be placed, and stays with it', () => {
    const late = new Source('k6', [200_000]);
    const counted = new CountedSpan([late], false);
    counted.open(0);
    counted.end(1_095_000);
    expect(untold(counted, late, 1200)).to.deep.equal([]);
    late.clock.learn(0, -60_000, 60_000);
    late.paths[0]?.numbering.learn(0, 0);
    expect(untold(counted, late, 1200).map(({ place }) => place)).to.deep.equal([0, 1, 2, 3]);
    // Its clock gets known better.
    late.clock.learn(1_000_000, 850_000, 950_000);
    expect(late.clock.zero).to.be.lessThan(-50_000);
    expect(numbers(counted, late, [3, 4])).to.deep.equal([3, undefined]);
  });
});
