import { expect } from 'chai';
import { countConnected, countEnded, type HostCounts, zeroCounts } from './host-counts.ts';
import type { AttemptOutcome } from './outcome.ts';

function counted(connected: boolean, outcome: AttemptOutcome): Partial<HostCounts> {
  const counts = zeroCounts();
  if (connected) countConnected(counts);
  countEnded(counts, outcome);
  return Object.fromEntries(Object.entries(counts).filter(([, value]) => value > 0));
}

describe('counters of a host', () => {
  it('tell success by the status, and an error of any other kind as one, connected or not', () => {
    const rq_total = 1;
    expect(counted(true, { kind: 'response', status: 404 })).to.deep.equal({ rq_total, rq_success: 1 });
    expect(counted(true, { kind: 'response', status: 503 })).to.deep.equal({ rq_total, rq_error: 1 });
    expect(counted(true, { kind: 'reset' })).to.deep.equal({ rq_total, rq_error: 1 });
    expect(counted(true, { kind: 'timeout' })).to.deep.equal({ rq_total, rq_error: 1, rq_timeout: 1 });
    expect(counted(false, { kind: 'connect-refused' })).to.deep.equal({ rq_error: 1, cx_connect_fail: 1 });
    expect(counted(false, { kind: 'connect-timeout' })).to.deep.equal({ rq_error: 1, cx_connect_fail: 1 });
  });

  it('tell neither of what the caller gave up, nor of what a breaker kept back', () => {
    expect(counted(true, { kind: 'abandoned' })).to.deep.equal({ rq_total: 1 });
    expect(counted(false, { kind: 'overflow' })).to.deep.equal({});
  });
});
