import { PassThrough } from 'node:stream';
import { expect } from 'chai';
import { askWhich, askYes } from './ask.ts';

/** A question whose answer is written by `act`; on a terminal, keys are read one by one. */
async function asked(act: (input: PassThrough, stop: AbortController) => void, isTerminal = false): Promise<boolean> {
  const input = Object.assign(new PassThrough(), isTerminal ? { isTTY: true, setRawMode: () => {} } : {});
  const output = Object.assign(new PassThrough(), isTerminal ? { isTTY: true, columns: 80 } : {});
  const stop = new AbortController();
  const answer = askYes('Sure? ', { stop: stop.signal, input, output });
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
    const never = askYes('Sure? ', {
      stop: AbortSignal.abort(),
      input: new PassThrough(),
      output: new PassThrough(),
    });
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

describe('a question with a list', () => {
  const chosen = async (...lines: string[]) => {
    const [input, output] = [new PassThrough(), new PassThrough()];
    const answer = askWhich('Which?', ['red', 'green', '3'], { stop: new AbortController().signal, input, output });
    for (const line of lines) {
      await new Promise((resolve) => setImmediate(resolve));
      input.write(line);
    }
    input.end();
    return { answer: await answer, shown: String(output.read()) };
  };

  it('takes numbers, the words themselves, several of them, and the first for nothing', async () => {
    expect((await chosen('2\n')).answer).to.deep.equal(['green']);
    expect((await chosen('3, red,2,red\n')).answer).to.deep.equal(['3', 'red', 'green']);
    const { answer, shown } = await chosen('\n');
    expect(answer).to.deep.equal(['red']);
    expect(shown).to.contain('Which?\n  1) red\n  2) green\n');
  });

  it('is asked again for what is not there, and has no answer where the input ends', async () => {
    expect((await chosen('0\n', '1,7\n', 'blue\n', '2\n')).answer).to.deep.equal(['green']);
    expect((await chosen('9\n')).answer).to.equal(undefined);
    expect((await chosen()).answer).to.equal(undefined);
  });
});
