import { expect } from 'chai';
import { FaultlineError } from '../model/errors.ts';
import { repeatRead } from './repeat.ts';

describe('a read that is repeated', () => {
  it('is not repeated after the signal', async () => {
    const ending = new AbortController();
    let reads = 0;
    const reading = repeatRead(async () => {
      reads++;
      ending.abort();
      throw new FaultlineError('TARGET_UNREACHABLE', 'it may pass');
    }, ending.signal);
    await reading.then(
      () => expect.fail('it was to fail'),
      () => undefined,
    );
    expect(reads).to.equal(1);
  });
});
