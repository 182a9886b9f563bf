import { expect } from 'chai';
import { backoffMs, giveUpMs } from './retry.ts';

describe('retries', () => {
  it('wait for a random part of 25 ms, then of 50 ms, and so on up to 250 ms', () => {
    const longest = [1, 2, 3, 4, 5, 9].map((retry) => backoffMs(retry, () => 0.9999));
    expect(longest).to.deep.equal([24, 49, 99, 199, 249, 249]);
    expect(backoffMs(3, () => 0)).to.equal(0);
  });

  it('keep a caller of a dead application waiting for both pauses of its sidecar', () => {
    expect(giveUpMs(() => 0.9999)).to.equal(24 + 49);
    expect(giveUpMs(() => 0)).to.equal(0);
  });
});
