import { expect } from 'chai';
import { isAnythingRequired, parseRequirements, recoveryText, type WrittenRequirements } from './requirements.ts';

const parse = (written: Partial<WrittenRequirements>) =>
  parseRequirements({ confidence: '0.95', maxInconclusive: '0', ...written });

describe('gate: requirements as they are written', () => {
  it('are shares, percentiles and bounds', () => {
    const read = parse({ passRate: '95%', recovery: 'p99.9 <= 1m30s', errors: '<= 0.5%', maxInconclusive: '5%' });
    expect(read).to.deep.equal({
      confidence: 0.95,
      passRate: 0.95,
      recovery: { quantile: 0.999, withinMs: 90_000 },
      errors: 0.005,
      maxUndecided: { share: 0.05 },
    });
    expect(recoveryText(read.recovery ?? { quantile: 0, withinMs: 0 })).to.equal('p99.9 <= 1m30s');
    expect(parse({ maxInconclusive: '2' }).maxUndecided).to.deep.equal({ runs: 2 });
    expect([isAnythingRequired(parse({})), isAnythingRequired(parse({ errors: '0' }))]).to.deep.equal([false, true]);
  });

  it('are refused where they say nothing that runs could show', () => {
    const refused: readonly Partial<WrittenRequirements>[] = [
      { passRate: '1' },
      { passRate: '100%' },
      { passRate: '0' },
      { passRate: '95' },
      { passRate: '-0.5' },
      { confidence: '95' },
      { confidence: '1' },
      { confidence: '0.1' },
      { recovery: 'p100<=5s' },
      { recovery: 'p0<=5s' },
      { recovery: 'p95<=5' },
      { recovery: 'p95<=0s' },
      { recovery: 'p95<5s' },
      { recovery: '5s' },
      { errors: '2' },
      { maxInconclusive: '-1' },
      { maxInconclusive: '0.05' },
    ];
    for (const written of refused) expect(() => parse(written), JSON.stringify(written)).to.throw(/^--/);
  });
});
