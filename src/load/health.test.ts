import { expect } from 'chai';
import { Health } from './health.ts';

const FINE = { lost: 0, failure: undefined };

describe('load/health', () => {
  it('has nothing to say about a generator that did its work', () => {
    const health = new Health(2, 1000);
    for (let i = 0; i < 99; i += 1) health.sent(i % 2, 2000);
    health.sent(1, 49_000);
    health.woke(400_000);
    health.busy(0.8);
    expect(health.degraded(FINE)).to.deep.equal([]);
    expect([health.late(0), health.late(1)]).to.deep.equal([0, 1]);
    expect(health.lateP99).to.be.within(2000, 2100);
  });

  it('measures no lateness where nothing was sent', () => {
    expect(new Health(1, 1000).lateP99).to.equal(0);
  });

  it('says in words why its records are not to be trusted', () => {
    const health = new Health(1, 1000);
    for (let i = 0; i < 100; i += 1) health.sent(0, 260_000);
    health.dropped('the reason');
    health.dropped('the reason');
    health.dropped('another');
    health.woke(501_000);
    health.woke(7000);
    health.busy(0.93);
    health.busy(0.1);
    const reasons = health.degraded({ lost: 1, failure: new Error('ENOSPC') });
    expect(reasons.map((reason) => reason.replace(/26\dms|25\dms/, '260ms'))).to.deep.equal([
      '2 requests dropped: the reason',
      '1 request dropped: another',
      'requests were sent late: 99th percentile 260ms, limit 250ms',
      'the load generator stood still for 501ms',
      'the load generator was saturated: its thread was busy 93 % of the time',
      'request records cannot be written: ENOSPC',
      '1 request record lost',
    ]);
  });
});
