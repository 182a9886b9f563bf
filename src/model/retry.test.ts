import { expect } from 'chai';
import { FaultlineError } from './errors.ts';
import { pauseAfter, retryAfterMs } from './retry.ts';

describe('what a server asks to wait before it is asked again', () => {
  it('is its Retry-After in seconds, and no date', () => {
    const read = ['0', '1', '30', '', '-1', '1.5', '1e9', 'Wed, 21 Oct 2026 07:28:00 GMT', undefined].map(retryAfterMs);
    expect(read).to.deep.equal([0, 1_000, 30_000, ...Array(6).fill(undefined)]);
  });

  it('lengthens a pause, up to five seconds, and never shortens one', () => {
    const pause = (asked: number | undefined, least: number) =>
      pauseAfter(new FaultlineError('KUBE_API', 'busy', asked === undefined ? {} : { retryAfterMs: asked }), least);
    expect([pause(1_000, 250), pause(5_000, 250), pause(3_600_000, 250)]).to.deep.equal([1_000, 5_000, 5_000]);
    expect([pause(1_000, 2_000), pause(undefined, 250), pauseAfter(new Error('no'), 250)]).to.deep.equal([
      2_000, 250, 250,
    ]);
  });
});
