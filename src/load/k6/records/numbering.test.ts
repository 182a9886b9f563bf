import { expect } from 'chai';
import fc from 'fast-check';
import { Slots } from './numbering.ts';

describe('load/k6/console/slots: places of the open model from iterations that k6 has started', () => {
  it('takes the number for the place while nothing was dropped', () => {
    const slots = new Slots(10_000);
    const began = [220, 10_900, 20_300, 31_000];
    began.forEach((at, iteration) => {
      slots.learn(iteration, at);
    });
    expect(began.map((at, iteration) => slots.take(iteration, at))).to.deep.equal([0, 1, 2, 3]);
    expect([slots.due(0), slots.due(3)]).to.deep.equal([220, 30_220]);
  });

  it('takes the number also where the interval is no whole number', () => {
    for (const interval of [333_333.333, 142_857.143, 7692.308]) {
      for (let number = 0; number < 300; number += 1) {
        const slots = new Slots(interval);
        slots.learn(number, number * interval);
        expect(slots.take(number, number * interval), `${number} of ${interval}`).to.equal(number);
      }
    }
  });

  it('knows of no first place before an iteration has begun, and takes the earliest that any of them shows', () => {
    const slots = new Slots(10_000);
    expect(slots.plan).to.equal(Number.POSITIVE_INFINITY);
    slots.learn(3, 30_900);
    expect(slots.plan).to.equal(900);
    slots.learn(1, 10_150);
    slots.learn(2, 20_400);
    expect(slots.plan).to.equal(150);
    slots.learn(5, 49_000);
    expect(slots.plan).to.equal(0);
  });

  it('keeps the number of an iteration that starts late, as long as no drop is known', () => {
    const slots = new Slots(1000);
    slots.learn(0, 0);
    expect(slots.take(0, 0)).to.equal(0);
    expect(slots.take(1, 9500)).to.equal(1);
    expect(slots.due(1)).to.equal(1000);
  });

  it('finds by its time how many drops lie before an iteration, and leaves their places free', () => {
    const slots = new Slots(1000);
    slots.learn(0, 0);
    slots.drops = 3;
    const iterations = [1, 1001, 4002, 5003, 6004];
    expect(iterations.map((at, number) => slots.take(number, at))).to.deep.equal([0, 1, 4, 5, 6]);
    expect([2, 3].map((place) => slots.taken(place))).to.deep.equal([false, false]);
    // No later than all drops allow, however late it starts.
    expect(slots.take(5, 60_000)).to.equal(8);
  });

  it('knows which iteration cannot have begun yet', () => {
    const slots = new Slots(1000);
    expect([0, 1, 4].map((number) => slots.possible(number, 3000))).to.deep.equal([true, true, true]);
    expect([slots.possible(5, 3999), slots.possible(5, 4000)]).to.deep.equal([false, true]);
  });

  it('counts the places that are due before a time', () => {
    const slots = new Slots(1000);
    slots.learn(0, 500);
    expect([-9000, 500, 501, 1500, 1501].map((time) => slots.before(time))).to.deep.equal([0, 0, 1, 1, 2]);
  });

  it('remembers places over any length', () => {
    const slots = new Slots(1);
    slots.learn(0, 0);
    for (let number = 0; number < 5000; number += 1) if (number !== 1500) slots.take(number, number);
    const free = Array.from({ length: 5000 }, (_, place) => place).filter((place) => !slots.taken(place));
    expect(free).to.deep.equal([1500]);
    expect(slots.take(90_000, 90_000)).to.equal(90_000);
    expect([slots.taken(4999), slots.taken(90_000), slots.taken(90_001)]).to.deep.equal([true, true, false]);
  });

  it('property: no place is given twice, and none before the number, whatever is dropped and however late', () => {
    const START = fc.record({ dropped: fc.nat({ max: 3 }), late: fc.nat({ max: 25_000 }) });
    fc.assert(
      fc.property(
        fc.array(START, { minLength: 1, maxLength: 60 }),
        fc.nat({ max: 9000 }),
        fc.integer({ min: 1, max: 60 }),
        (starts, origin, seed) => {
          const slots = new Slots(1000);
          let place = 0;
          const begun = starts.map(({ dropped, late }, number) => {
            place += number === 0 ? 0 : dropped + 1;
            return { number, began: origin + place * 1000 + (number === 0 ? 0 : late) };
          });
          for (const { number, began } of begun) slots.learn(number, began);
          slots.drops = place - starts.length + 1;
          // Requests are told of when they end, not in the order of their beginnings.
          const told = begun.toSorted((a, b) => ((a.number * seed) % 61) - ((b.number * seed) % 61));
          const places = told.map(({ number, began }) => ({ number, given: slots.take(number, began) }));
          expect(new Set(places.map(({ given }) => given)).size).to.equal(places.length);
          expect(
            places.every(({ number, given }) => given !== undefined && given >= number && slots.taken(given)),
          ).to.equal(true);
        },
      ),
    );
  });

  it('property: iterations that start on time get the very places they were due at', () => {
    const GAPS = fc.array(fc.record({ dropped: fc.nat({ max: 4 }), late: fc.nat({ max: 990 }) }), { maxLength: 60 });
    fc.assert(
      fc.property(GAPS, (gaps) => {
        const slots = new Slots(1000);
        slots.learn(0, 0);
        let place = 0;
        const due = [0, ...gaps.map(({ dropped }) => (place += dropped + 1))];
        slots.drops = place - gaps.length;
        const given = due.map((at, number) => slots.take(number, at * 1000 + (gaps[number - 1]?.late ?? 0)));
        expect(given).to.deep.equal(due);
      }),
    );
  });
});
