import { expect } from 'chai';
import { codeOfRun, worstCode } from './exit-codes.ts';

describe('the exit code of a command', () => {
  it('is the worst of its runs', () => {
    const ranked = [0, 6, 1, 2, 3, 4, 7, 130, 5];
    for (const [at, code] of ranked.entries()) {
      expect(worstCode(ranked.slice(0, at + 1)), `${code}`).to.equal(code);
      expect(worstCode(ranked.slice(0, at + 1).toReversed()), `${code}`).to.equal(code);
    }
    expect(worstCode([])).to.equal(0);
  });

  it('is never that of a pass, nor of a fail, where a report could not be written', () => {
    const written = [0, 1, 6, 4, 5, 143].map((exitCode) => codeOfRun({ result: { exitCode } }));
    expect(written).to.deep.equal([0, 1, 6, 4, 5, 143]);
    const problem = 'no space left on device';
    const lost = [0, 1, 6, 4, 5, 143].map((exitCode) => codeOfRun({ result: { exitCode }, problem }));
    expect(lost).to.deep.equal([7, 7, 7, 7, 5, 143]);
  });
});
