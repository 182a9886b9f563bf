import { expect } from 'chai';
import type { Scenario } from '../model/scenario.ts';
import { expectationOf, requireAsked, seriesOf } from './gate-options.ts';

describe('what a series of runs is told', () => {
  it('is how many runs, and what is required of them', () => {
    expect(seriesOf({})).to.equal(undefined);
    expect(seriesOf({ expect: 'fail' })).to.equal(undefined);
    const series = seriesOf({ repeat: 59, passRate: '0.95', expect: 'fail:errorBudget' });
    expect(series?.times).to.equal(59);
    expect(series?.requirements).to.deep.include({ passRate: 0.95, confidence: 0.95, maxUndecided: { runs: 0 } });
    expect(seriesOf({ repeat: 3 })?.times).to.equal(3);
  });

  it('is an outcome that the scenario can come to', () => {
    const expect_ = { ejections: [], recoveryTime: { withinMs: 1, consecutive: 1, lastingMs: 1 } };
    const scenario = { name: 's', expect: expect_ as unknown as Scenario['expect'] };
    const asked = (text: string) => () => requireAsked(expectationOf(text), scenario);
    for (const text of ['fail', 'pass', 'fail:recoveryTime', 'fail:recoveryTime/entry@a/b', 'fail:putBack'])
      expect(asked(text), text).to.not.throw();
    for (const text of ['fail:errorBudget', 'fail:ejections/mockb', 'fail:recoveryTime,failback'])
      expect(asked(text), text).to.throw('does not ask for it');
  });

  it('is refused before the first run where so few could not show it, and where one run is asked for many', () => {
    expect(() => seriesOf({ repeat: 58, passRate: '0.95' })).to.throw('needs 59 runs without a miss, has 58');
    expect(() => seriesOf({ repeat: 28, recovery: 'p90<=5s' })).to.throw('needs 29 runs without a miss, has 28');
    for (const option of ['passRate', 'recovery', 'errors', 'confidence', 'maxInconclusive']) {
      const value = option === 'recovery' ? 'p95<=5s' : option === 'maxInconclusive' ? '1' : '0.9';
      expect(() => seriesOf({ [option]: value }), option).to.throw('one was asked for');
    }
  });
});
