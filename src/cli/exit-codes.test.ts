import { expect } from 'chai';
import { unwrittenCode, worstCode } from './exit-codes.ts';

describe('the exit code of a command', () => {
  it('is the worst of its runs', () => {
    const ranked = [0, 6, 1, 2, 3, 4, 7, 130, 5];
    for (const [at, code] of ranked.entries()) {
      expect(worstCode(ranked.slice(0, at + 1)), `${code}`).to.equal(code);
      expect(worstCode(ranked.slice(0, at + 1).toReversed()), `${code}`).to.equal(code);
    }
    expect(worstCode([])).to.equal(0);
  });

  it('is never as if all were well, or open, where a result could not be written; what is wrong stays said', () => {
    const codes = [0, 6, 1, 2, 3, 4, 5, 7, 143];
    expect(codes.map(unwrittenCode)).to.deep.equal([7, 7, 1, 2, 3, 4, 5, 7, 143]);
  });
});
