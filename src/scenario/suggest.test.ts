import { expect } from 'chai';
import { nearest } from './suggest.ts';

describe('scenario/suggest', () => {
  const CASES: readonly [word: string, candidates: string[], expected: string | undefined][] = [
    ['tiemout', ['timeout', 'rate'], 'timeout'],
    ['image_swap', ['podKill', 'imageSwap'], 'imageSwap'],
    ['atLest', ['atMost', 'atLeast'], 'atLeast'],
    ['ab', ['ac', 'ad'], 'ac'],
    ['via', ['uid'], undefined],
    ['banana', ['imageSwap', 'podKill'], undefined],
    ['x'.repeat(65), ['x'.repeat(64)], undefined],
    ['', ['name'], undefined],
  ];
  for (const [word, candidates, expected] of CASES) {
    it(`takes ${word.slice(0, 20)} for ${expected}`, () => {
      expect(nearest(word, candidates)).to.equal(expected);
    });
  }
});
