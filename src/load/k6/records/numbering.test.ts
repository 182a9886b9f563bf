import { expect } from 'chai';
import fc from 'fast-check';
import { Numbering } from './numbering.ts';

/** That many drops, nobody knows when. */
function drop(numbering: Numbering, count: number): void {
  for (let i = 0; i < count; i += 1) numbering.drop();
}

/** Places that nothing has taken, up to the last that was told of. */
const free = (numbering: Numbering) =>
  Array.from({ length: numbering.told }, (_, place) => place).filter((place) => !numbering.taken(place));

describe('load/k6/records/numbering: places from iterations whose first was due nobody has said when', () => {
  it('takes the number for the place while nothing was dropped', () => {
    const numbering = new Numbering(10_000);
    const began = [220, 10_900, 20_300, 31_000];
    began.forEach((at, iteration) => {
      numbering.learn(iteration, at);
    });
    expect(began.map((at, iteration) => numbering.take(iteration, at))).to.deep.equal([0, 1, 2, 3]);
    expect([numbering.due(0), numbering.due(3)]).to.deep.equal([220, 30_220]);
  });

  it('takes the number also where the interval is no whole number', () => {
    for (const interval of [333_333.333, 142_857.143, 7692.308]) {
      for (let number = 0; number < 300; number += 1) {
        const numbering = new Numbering(interval);
        numbering.learn(number, number * interval);
        expect(numbering.take(number, number * interval), `${number} of ${interval}`).to.equal(number);
      }
    }
  });

  it('knows of no first place before an iteration has begun, and takes the earliest that any of them shows', () => {
    const numbering = new Numbering(10_000);
    expect(numbering.first).to.equal(Number.POSITIVE_INFINITY);
    numbering.learn(3, 30_900);
    expect(numbering.first).to.equal(900);
    numbering.learn(1, 10_150);
    numbering.learn(2, 20_400);
    expect(numbering.first).to.equal(150);
    numbering.learn(5, 49_000);
    expect(numbering.first).to.equal(0);
  });

  it('keeps the number of an iteration that starts late, as long as no drop is known', () => {
    const numbering = new Numbering(1000);
    numbering.learn(0, 0);
    expect(numbering.take(0, 0)).to.equal(0);
    expect(numbering.take(1, 9500)).to.equal(1);
    expect(numbering.due(1)).to.equal(1000);
  });

  it('finds by its time how many drops lie before an iteration, and leaves their places free', () => {
    const numbering = new Numbering(1000);
    numbering.learn(0, 0);
    drop(numbering, 3);
    const iterations = [1, 1001, 4002, 5003, 6004];
    expect(iterations.map((at, number) => numbering.take(number, at))).to.deep.equal([0, 1, 4, 5, 6]);
    expect([2, 3].map((place) => numbering.taken(place))).to.deep.equal([false, false]);
    // No later than all drops allow, however late it starts.
    expect(numbering.take(5, 60_000)).to.equal(8);
  });

  it('knows which iteration cannot have begun yet', () => {
    const numbering = new Numbering(1000);
    expect([0, 1, 4].map((number) => numbering.possible(number, 3000))).to.deep.equal([true, true, true]);
    expect([numbering.possible(5, 3999), numbering.possible(5, 4000)]).to.deep.equal([false, true]);
  });

  it('counts the places that are due before a time', () => {
    const numbering = new Numbering(1000);
    numbering.learn(0, 500);
    expect([-9000, 500, 501, 1500, 1501].map((time) => numbering.before(time))).to.deep.equal([0, 0, 1, 1, 2]);
  });

  it('remembers places over any length', () => {
    const numbering = new Numbering(1);
    numbering.learn(0, 0);
    for (let number = 0; number < 5000; number += 1) if (number !== 1500) numbering.take(number, number);
    expect(free(numbering)).to.deep.equal([1500]);
    expect(numbering.take(90_000, 90_000)).to.equal(90_000);
    expect([numbering.taken(4999), numbering.taken(90_000), numbering.taken(90_001)]).to.deep.equal([
      true,
      true,
      false,
    ]);
  });

  it('property: no place is given twice, and none before the number, whatever is dropped and however late', () => {
    const START = fc.record({ dropped: fc.nat({ max: 3 }), late: fc.nat({ max: 25_000 }) });
    fc.assert(
      fc.property(
        fc.array(START, { minLength: 1, maxLength: 60 }),
        fc.nat({ max: 9000 }),
        fc.integer({ min: 1, max: 60 }),
        (starts, origin, seed) => {
          const numbering = new Numbering(1000);
          let place = 0;
          const begun = starts.map(({ dropped, late }, number) => {
            place += number === 0 ? 0 : dropped + 1;
            return { number, began: origin + place * 1000 + (number === 0 ? 0 : late) };
          });
          for (const { number, began } of begun) numbering.learn(number, began);
          drop(numbering, place - starts.length + 1);
          // Requests are told of when they end, not in the order of their beginnings.
          const told = begun.toSorted((a, b) => ((a.number * seed) % 61) - ((b.number * seed) % 61));
          const places = told.map(({ number, began }) => ({ number, given: numbering.take(number, began) }));
          expect(new Set(places.map(({ given }) => given)).size).to.equal(places.length);
          expect(
            places.every(({ number, given }) => given !== undefined && given >= number && numbering.taken(given)),
          ).to.equal(true);
        },
      ),
    );
  });

  it('property: iterations that start on time get the very places they were due at', () => {
    const GAPS = fc.array(fc.record({ dropped: fc.nat({ max: 4 }), late: fc.nat({ max: 990 }) }), { maxLength: 60 });
    fc.assert(
      fc.property(GAPS, (gaps) => {
        const numbering = new Numbering(1000);
        numbering.learn(0, 0);
        let place = 0;
        const due = [0, ...gaps.map(({ dropped }) => (place += dropped + 1))];
        drop(numbering, place - gaps.length);
        const given = due.map((at, number) => numbering.take(number, at * 1000 + (gaps[number - 1]?.late ?? 0)));
        expect(given).to.deep.equal(due);
      }),
    );
  });
});

describe('load/k6/records/numbering: places where k6 says when the first was due, and each drop', () => {
  const place = (numbering: Numbering, number: number, began: number) => {
    const seq = numbering.take(number, began) ?? expect.fail('it has a place already');
    return { seq, due: numbering.due(seq) };
  };
  const holes = (numbering: Numbering) => free(numbering).map((seq) => ({ seq, due: numbering.due(seq) }));

  it('numbers requests one after the other while nothing is dropped, however late they start', () => {
    const numbering = new Numbering(5000);
    numbering.begin(100);
    expect(place(numbering, 0, 150)).to.deep.equal({ seq: 0, due: 100 });
    expect(place(numbering, 2, 40_000)).to.deep.equal({ seq: 2, due: 10_100 });
    expect(place(numbering, 1, 39_000)).to.deep.equal({ seq: 1, due: 5100 });
    expect(holes(numbering)).to.deep.equal([]);
  });

  it('leaves a place for every drop, before the requests that started after it', () => {
    const numbering = new Numbering(1000);
    numbering.begin(0);
    for (const at of [1001, 2001, 6001]) numbering.drop(at);
    const starts = [1, 3001, 4001, 5001];
    expect(starts.map((start, number) => place(numbering, number, start).seq)).to.deep.equal([0, 3, 4, 5]);
    expect(holes(numbering)).to.deep.equal([
      { seq: 1, due: 1000 },
      { seq: 2, due: 2000 },
      { seq: 6, due: 6000 },
    ]);
  });

  it('begins where it was said first, and counts in whole microseconds', () => {
    const numbering = new Numbering(333_333.333);
    numbering.begin(10);
    numbering.begin(90);
    expect([0, 1, 2, 3].map((number) => place(numbering, number, 10).due)).to.deep.equal([
      10, 333_343, 666_676, 1_000_009,
    ]);
  });

  it('puts a request that starts in the very moment of a drop before it', () => {
    const numbering = new Numbering(1000);
    numbering.begin(0);
    numbering.drop(1000);
    expect(place(numbering, 1, 1000).seq).to.equal(1);
    expect(place(numbering, 2, 1001).seq).to.equal(3);
  });

  it('gives a request that starts late, after a drop of later, another place than the next one', () => {
    const numbering = new Numbering(1000);
    numbering.begin(0);
    numbering.drop(2000);
    expect([numbering.take(1, 2100), numbering.take(2, 1900)]).to.deep.equal([2, 3]);
    expect(numbering.take(1, 2100)).to.equal(undefined);
  });

  it('takes the first drop for the first request as long as nothing was sent', () => {
    const numbering = new Numbering(1000);
    for (const at of [700, 1700]) numbering.drop(at);
    expect(holes(numbering)).to.deep.equal([
      { seq: 0, due: 700 },
      { seq: 1, due: 1700 },
    ]);
    numbering.begin(650);
    expect(numbering.due(2)).to.equal(2650);
  });

  it('learns nothing more once k6 has said when the first request was due', () => {
    const numbering = new Numbering(1000);
    numbering.begin(500);
    numbering.learn(0, 100);
    expect([numbering.first, numbering.possible(9, 0)]).to.deep.equal([500, true]);
  });

  it('takes a request that is far ahead of all others', () => {
    const numbering = new Numbering(1);
    expect(place(numbering, 9000, 9000).seq).to.equal(9000);
    expect(holes(numbering)).to.have.length(9000);
  });

  it('shows requests nobody has told of as holes, over any length', () => {
    const numbering = new Numbering(1);
    for (let number = 0; number < 5000; number += 1) if (number !== 4321) place(numbering, number, number);
    expect(holes(numbering).map(({ seq }) => seq)).to.deep.equal([4321]);
  });
});
