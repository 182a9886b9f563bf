import { expect } from 'chai';
import { leastOf, mostOf } from './extremes.ts';
import { remembered } from './remembered.ts';

describe('analysis: any number of numbers', () => {
  it('has its extremes, also where there are too many for the arguments of a call', () => {
    const many = Array.from({ length: 300_000 }, (_, i) => (i * 7919) % 300_000);
    expect([leastOf(many), mostOf(many)]).to.deep.equal([0, 299_999]);
    expect([leastOf([], 3), mostOf([], 3), leastOf([5], 3), mostOf([1], 3)]).to.deep.equal([3, 3, 3, 3]);
    expect([leastOf([]), mostOf([])]).to.deep.equal([Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]);
  });
});

describe('analysis: what was worked out', () => {
  it('is worked out once, also where there is no answer', () => {
    const asked: string[] = [];
    const lengthOf = remembered((text: string) => {
      asked.push(text);
      return text === '' ? undefined : text.length;
    });
    expect(['ab', '', 'ab', ''].map(lengthOf)).to.deep.equal([2, undefined, 2, undefined]);
    expect(asked).to.deep.equal(['ab', '']);
  });
});
