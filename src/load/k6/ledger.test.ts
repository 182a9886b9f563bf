import { expect } from 'chai';
import { Ledger } from './ledger.ts';

describe('load/k6/ledger: the open model from what k6 tells', () => {
  it('numbers requests one after the other while nothing is dropped, however late they start', () => {
    const ledger = new Ledger(5000);
    ledger.plan(100);
    expect(ledger.place(0, 150)).to.deep.equal({ seq: 0, due: 100 });
    expect(ledger.place(2, 40_000)).to.deep.equal({ seq: 2, due: 10_100 });
    expect(ledger.place(1, 39_000)).to.deep.equal({ seq: 1, due: 5100 });
    expect([...ledger.holes()]).to.deep.equal([]);
  });

  it('leaves a place for every drop, before the requests that started after it', () => {
    const ledger = new Ledger(1000);
    ledger.plan(0);
    for (const at of [1001, 2001, 6001]) ledger.drop(at);
    const starts = [1, 3001, 4001, 5001];
    expect(starts.map((start, number) => ledger.place(number, start).seq)).to.deep.equal([0, 3, 4, 5]);
    expect([...ledger.holes()]).to.deep.equal([
      { seq: 1, due: 1000 },
      { seq: 2, due: 2000 },
      { seq: 6, due: 6000 },
    ]);
  });

  it('begins where it was said first, and counts in whole microseconds', () => {
    const ledger = new Ledger(333_333.333);
    ledger.plan(10);
    ledger.plan(90);
    expect([0, 1, 2, 3].map((number) => ledger.place(number, 10).due)).to.deep.equal([10, 333_343, 666_676, 1_000_009]);
  });

  it('puts a request that starts in the very moment of a drop before it', () => {
    const ledger = new Ledger(1000);
    ledger.plan(0);
    ledger.drop(1000);
    expect(ledger.place(1, 1000).seq).to.equal(1);
    expect(ledger.place(2, 1001).seq).to.equal(3);
  });

  it('takes a request that is far ahead of all others', () => {
    const ledger = new Ledger(1);
    expect(ledger.place(9000, 9000).seq).to.equal(9000);
    expect([...ledger.holes()]).to.have.length(9000);
  });

  it('shows requests nobody has told of as holes, over any length', () => {
    const ledger = new Ledger(1);
    for (let number = 0; number < 5000; number += 1) if (number !== 4321) ledger.place(number, number);
    expect([...ledger.holes()].map(({ seq }) => seq)).to.deep.equal([4321]);
  });
});
