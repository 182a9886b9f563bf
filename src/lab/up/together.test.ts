import { expect } from 'chai';
import { together } from './together.ts';

describe('things done at the same time', () => {
  it('give their results in order', async () => {
    const late = new Promise<string>((resolve) => setImmediate(() => resolve('a')));
    expect(await together(new AbortController(), [late, Promise.resolve('b')])).to.deep.equal(['a', 'b']);
  });

  it('are stopped by the first that fails, and waited for before that is said', async () => {
    const stop = new AbortController();
    const first = new Error('first');
    let ended = false;
    const other = new Promise<void>((_, reject) => {
      stop.signal.addEventListener('abort', () => {
        setImmediate(() => {
          ended = true;
          reject(new Error('because of the first'));
        });
      });
    });
    const failed = await together(stop, [other, Promise.reject(first)]).catch((error: unknown) => error);
    expect(failed).to.equal(first);
    expect(ended).to.equal(true);
  });
});
