import { AssertionError, expect, use } from 'chai';
import type { RunResult } from '../model/result.ts';
import { FIXTURES } from '../report/fixtures/index.ts';
import { faultlineChai } from './chai.ts';
import { describeRun } from './mocha.ts';

use(faultlineChai);

function fixture(name: string): RunResult {
  const found = FIXTURES[name];
  if (found === undefined) throw new Error(`no fixture ${name}`);
  return found;
}

describe('chai plugin', () => {
  const run = { result: fixture('pass') };

  it('holds for a run that passed', () => {
    expect(run).to.holdItsObjectives();
    expect(run).to.leaveNothingBehind();
    expect(run).to.recoverWithin('5s');
    expect(run).to.failOver('mockb').from({ zone: 'ap-northeast-1a' }).to({ zone: 'ap-northeast-1b' });
    expect(run.result).to.holdItsObjectives();
  });

  it('says what it measured when it does not hold', () => {
    const failed = fixture('fail');
    expect(() => expect(failed).to.holdItsObjectives()).to.throw(AssertionError, failed.reason);
    expect(() => expect(failed).to.recoverWithin('5s')).to.throw(
      AssertionError,
      /recovered not before|recovered after/,
    );
    expect(() =>
      expect(run).to.failOver('mockb').from({ zone: 'ap-northeast-1a' }).to({ region: 'cn-hangzhou' }),
    ).to.throw(AssertionError, 'cn-hangzhou');
    expect(() => expect(fixture('interrupted')).to.leaveNothingBehind()).to.throw(AssertionError, 'left behind');
  });

  it('can be negated', () => {
    expect(fixture('fail')).to.not.holdItsObjectives();
    expect(fixture('fail')).to.not.recoverWithin('5s');
    expect(() => expect(run).to.not.recoverWithin('5s')).to.throw(AssertionError, 'expected otherwise');
  });

  it('does not take what it cannot know for a yes or a no', () => {
    for (const name of ['inconclusive', 'refused', 'empty'] as const) {
      expect(() => expect(fixture(name)).to.recoverWithin('5s'), name).to.throw('cannot be decided');
      expect(() => expect(fixture(name)).to.not.recoverWithin('5s'), name).to.throw('cannot be decided');
    }
    expect(() => expect(run).to.failOver('mockz').from({ zone: 'a' }).to({ zone: 'b' })).to.throw(
      'declares no failoverOrder',
    );
  });

  it('refuses what is no run and no duration', () => {
    expect(() => expect({}).to.leaveNothingBehind()).to.throw(TypeError, 'finished faultline run');
    expect(() => expect(run).to.recoverWithin('soon')).to.throw(TypeError, '"soon" is no duration');
  });
});

describe('mocha bridge', () => {
  async function outcomes(result: RunResult): Promise<{ runs: number; failures: string[] }> {
    const tests: (() => Promise<void>)[] = [];
    let runs = 0;
    const suite = {
      describe: (_title: string, body: () => void) => body(),
      it: (_title: string, body: () => Promise<void>) => tests.push(() => body.call({})),
    };
    const run = async () => {
      runs++;
      return { result };
    };
    describeRun('a run', run, suite as Parameters<typeof describeRun>[2]);
    const failures: string[] = [];
    for (const test of tests) await test().catch((error: Error) => failures.push(error.message));
    return { runs, failures };
  }

  it('runs once and passes with the run', async () => {
    expect(await outcomes(fixture('pass'))).to.deep.equal({ runs: 1, failures: [] });
  });

  it('fails with every finding that did not pass', async () => {
    const { failures } = await outcomes(fixture('fail'));
    expect(failures).to.have.length(1);
    expect(failures[0]).to.contain(fixture('fail').reason);
    expect((await outcomes(fixture('interrupted'))).failures).to.have.length(2);
  });
});
