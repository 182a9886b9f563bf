// A spec of your own: npx mocha scenarios/specs/service-failover.spec.ts
import { expect, use } from 'chai';
import { type FinishedRun, faultlineChai, runScenario } from 'faultline';

use(faultlineChai);

describe('mockb stops serving in ap-northeast-1a', function () {
  this.timeout('3m');
  let run: FinishedRun;

  before(async () => {
    run = await runScenario('scenarios/service-failover.yaml', {
      set: ['spec.phases.baseline=4s', 'spec.phases.hold=12s', 'spec.phases.recover=3s', 'spec.load.rate=40/s'],
    });
  });

  it('moves to the other zone of the region', () => {
    expect(run).to.failOver('mockb', { from: { zone: 'ap-northeast-1a' }, to: { zone: 'ap-northeast-1b' } });
  });

  it('recovers within five seconds', () => {
    expect(run).to.recoverWithin('5s');
  });

  it('leaves nothing behind', () => {
    expect(run).to.leaveNothingBehind();
  });
});
