import { expect } from 'chai';
import fc from 'fast-check';
import { scheduleOf } from './schedule.ts';

describe('load/undici: rates of their own', () => {
  it('are kept evenly by each path, in the order of the due times', () => {
    const rates = fc.array(fc.constantFrom(1, 2.5, 10, 40, 333), { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(rates, fc.integer({ min: 0, max: 1e9 }), (wanted, start) => {
        const schedule = scheduleOf(start, wanted);
        const dues = Array.from({ length: 300 }, () => {
          const { next } = schedule;
          const due = schedule.take();
          expect(due.due).to.equal(next);
          return due;
        });
        expect(dues.map(({ due }) => due)).to.deep.equal(dues.map(({ due }) => due).toSorted((a, b) => a - b));
        for (const [path, rate] of wanted.entries()) {
          const own = dues.filter((due) => due.path === path);
          expect(own.map(({ seq }) => seq)).to.deep.equal([...own.keys()]);
          const first = own[0]?.due ?? 0;
          for (const { due, seq } of own) expect(Math.abs(due - first - (seq * 1e6) / rate)).to.be.at.most(1);
        }
      }),
    );
  });
});
