import { expect } from 'chai';
import { expectationText, expectedCode, isAsExpected, parseExpectation } from './expectation.ts';

const OBJECTIVES = ['errorBudget', 'recoveryTime', 'failback'];
const parse = (text: string) => parseExpectation(text, OBJECTIVES);

function ended(exitCode: number, ...failed: readonly string[]) {
  const of = (id: string, verdict: 'fail' | 'pass') => ({ id, objective: id.split('/')[0] ?? '', verdict });
  return { exitCode, findings: [...failed.map((id) => of(id, 'fail')), of('failback/mockb', 'pass')] };
}

describe('an expected outcome', () => {
  it('is a verdict, with what must fail', () => {
    expect(parse('fail:errorBudget, recoveryTime/entry@tokyo/a')).to.deep.equal({
      verdict: 'fail',
      findings: ['errorBudget', 'recoveryTime/entry@tokyo/a'],
      besides: [],
    });
    expect(parse('fail:errorBudget, failback?')).to.deep.equal({
      verdict: 'fail',
      findings: ['errorBudget'],
      besides: ['failback'],
    });
    expect(
      ['pass', 'fail', 'inconclusive', 'fail:errorBudget', 'fail:errorBudget,failback?'].map((text) =>
        expectationText(parse(text)),
      ),
    ).to.deep.equal(['pass', 'fail', 'inconclusive', 'fail:errorBudget', 'fail:errorBudget,failback?']);
  });

  it('is refused where it could never come about', () => {
    for (const text of [
      '',
      'failed',
      'PASS',
      'pass:errorBudget',
      'fail:',
      'fail:errorbudget',
      'fail:errorBudget,,',
      'fail:failback?',
      'pass:failback?',
      'fail:errorBudget,?',
    ])
      expect(() => parse(text), text).to.throw(/--expect/);
  });

  it('is met by exactly it', () => {
    const is = (text: string, run: ReturnType<typeof ended>) => isAsExpected(run, parse(text));
    const budget = ended(1, 'errorBudget/perCaller');
    const both = ended(1, 'errorBudget/perCaller', 'recoveryTime/entry@tokyo/a');
    expect([
      is('fail', budget),
      is('fail:errorBudget', budget),
      is('fail:errorBudget/perCaller', budget),
    ]).to.deep.equal([true, true, true]);
    expect(is('fail:errorBudget', both), 'another fails, too').to.equal(false);
    expect(is('fail:errorBudget,recoveryTime', both)).to.equal(true);
    expect(is('fail:errorBudget,recoveryTime', budget), 'one does not fail').to.equal(false);
    expect(is('fail:errorBudget/perPath', budget)).to.equal(false);
    expect([
      is('fail:errorBudget,recoveryTime?', budget),
      is('fail:errorBudget,recoveryTime?', both),
      is('fail:errorBudget,failback?', both),
      is('fail:recoveryTime,errorBudget?', budget),
    ]).to.deep.equal([true, true, false, false]);
    expect([
      is('pass', ended(0)),
      is('pass', ended(6)),
      is('inconclusive', ended(6)),
      is('fail', ended(0)),
    ]).to.deep.equal([true, false, true, false]);
  });

  it('swallows no run that was not judged to its end, or has left something', () => {
    for (const code of [2, 3, 4, 5, 7, 130, 143]) {
      const run = ended(code, 'errorBudget/perCaller');
      for (const text of ['pass', 'fail', 'inconclusive', 'fail:errorBudget']) {
        expect(isAsExpected(run, parse(text)), `${code} ${text}`).to.equal(false);
      }
      expect([expectedCode(code, true), expectedCode(code, false)]).to.deep.equal([code, code]);
    }
  });

  it('is 0, anything else the code of what came instead', () => {
    expect([0, 1, 6].map((code) => expectedCode(code, true))).to.deep.equal([0, 0, 0]);
    expect([0, 1, 6].map((code) => expectedCode(code, false))).to.deep.equal([1, 1, 6]);
  });
});
