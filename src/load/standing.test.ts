import { expect } from 'chai';
import type { RequestRecord } from '../model/record.ts';
import { emptyRecord } from '../model/record-codec.ts';
import type { GoodRequest } from '../model/scenario.ts';
import { standingOf } from './standing.ts';

const good: GoodRequest = { status: 200, chain: [], latencyMs: 100 };

function standing(change: Partial<RequestRecord>): string {
  const record = { ...emptyRecord(), status: 200, ended: 'response', due: 1000, start: 1100, end: 2000 } as const;
  return standingOf({ ...record, ...change }, undefined, good);
}

describe('load/standing', () => {
  it('is good by the rule of the scenario, and bad else', () => {
    expect(standing({})).to.equal('good');
    expect(standing({ status: 503 })).to.equal('bad');
    expect(standing({ ended: 'error', error: 'reset' })).to.equal('bad');
    expect(standing({ end: 101_001 })).to.equal('bad');
  });

  it('blames no path for what its generator did: an error of its script, or a request that was sent too late', () => {
    expect(standing({ ended: 'error', error: 'script' })).to.equal('unknown');
    // Served within 100 ms of being sent, and 101 ms after it was due.
    expect(standing({ start: 12_000, end: 102_000 })).to.equal('unknown');
    // A timeout that counts from the due time, sent 51 ms late.
    expect(standing({ ended: 'error', error: 'timeout', start: 52_000, end: 101_000 })).to.equal('unknown');
  });

  it('blames the path for what would have been bad as well had it been sent in time', () => {
    expect(standing({ status: 503, start: 12_000, end: 102_000 })).to.equal('bad');
    expect(standing({ start: 10_000, end: 102_000 })).to.equal('bad');
    expect(standing({ ended: 'error', error: 'timeout', start: 50_000, end: 101_000 })).to.equal('bad');
    expect(standing({ ended: 'error', error: 'reset', start: 52_000, end: 101_000 })).to.equal('bad');
  });
});
