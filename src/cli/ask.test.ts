import { PassThrough } from 'node:stream';
import { expect } from 'chai';
import { askYes } from './ask.ts';

/** A question whose answer is written by `act`; on a terminal, keys are read one by one. */
async function asked(act: (input: PassThrough, stop: AbortController) => void, isTerminal = false): Promise<boolean> {
  const input = Object.assign(new PassThrough(), isTerminal ? { isTTY: true, setRawMode: () => {} } : {});
  const output = Object.assign(new PassThrough(), isTerminal ? { isTTY: true, columns: 80 } : {});
  const stop = new AbortController();
  const answer = askYes('Sure? ', stop.signal, input, output);
  setImmediate(() => act(input, stop));
  return answer;
}

describe('a question', () => {
  it('is answered by yes and by no other word', async () => {
    expect(await asked((input) => input.write('yes\n'))).to.equal(true);
    expect(await asked((input) => input.write('  yes \n'))).to.equal(true);
    for (const word of ['no', 'y', 'YES', '', 'yes yes']) {
      expect(await asked((input) => input.write(`${word}\n`)), word).to.equal(false);
    }
  });

  it('is answered by no when the input ends', async () => {
    expect(await asked((input) => input.end())).to.equal(false);
    expect(await asked((input) => input.end('yes'))).to.equal(false);
  });

  it('waits no longer than the run may, and is not asked when that is over already', async () => {
    expect(await asked((_, stop) => stop.abort())).to.equal(false);
    const never = askYes('Sure? ', AbortSignal.abort(), new PassThrough(), new PassThrough());
    expect(await never).to.equal(false);
  });

  it('takes Ctrl-D on a terminal for no, and Ctrl-C for the signal that it is', async () => {
    expect(await asked((input) => input.write('\u0004'), true)).to.equal(false);
    const heard = Promise.withResolvers<string>();
    process.once('SIGINT', heard.resolve);
    const answer = await asked((input, stop) => {
      input.write('\u0003');
      void heard.promise.then(() => stop.abort());
    }, true);
    expect(answer).to.equal(false);
    expect(await heard.promise).to.equal('SIGINT');
  });
});
