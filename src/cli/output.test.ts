import { expect } from 'chai';
import { renderTerminal } from '../report/testing/render.ts';
import { FIXTURES } from '../report/testing/results/index.ts';
import { type Console, type Look, openConsole } from './output.ts';
import type { Stream } from './unread.ts';

function stream(isTTY: boolean, columns = 80): Stream & { text: string } {
  return {
    text: '',
    ...(isTTY ? { isTTY, columns } : {}),
    write(text: string) {
      this.text += text;
    },
  };
}

type Environment = Parameters<typeof openConsole>[2];

/** Which of stdout and stderr have colour, when each is a terminal or not. */
function colours(stdout: boolean, stderr: boolean, env: Environment = {}): [stdout: boolean, stderr: boolean] {
  const [data, say] = looks(openConsole('text', { stdout: stream(stdout), stderr: stream(stderr) }, env));
  return [data.color, say.color];
}

function looks(out: Console): [data: Look, say: Look] {
  const seen: Look[] = [];
  const see = (look: Look) => {
    seen.push(look);
    return '';
  };
  out.data(see);
  out.say(see);
  return seen as [Look, Look];
}

const ESCAPE = '\u001b';

describe('console', () => {
  it('decides for each stream by itself', () => {
    for (const stdout of [true, false]) {
      for (const stderr of [true, false]) {
        expect(colours(stdout, stderr)).to.deep.equal([stdout, stderr]);
        expect(colours(stdout, stderr, { CI: 'true' })).to.deep.equal([stdout, stderr]);
        expect(colours(stdout, stderr, { NO_COLOR: '1' })).to.deep.equal([false, false]);
        expect(colours(stdout, stderr, { NO_COLOR: '', FORCE_COLOR: '' })).to.deep.equal([stdout, stderr]);
        expect(colours(stdout, stderr, { TERM: 'dumb' })).to.deep.equal([false, false]);
        expect(colours(stdout, stderr, { FORCE_COLOR: '1' })).to.deep.equal([true, true]);
        expect(colours(stdout, stderr, { FORCE_COLOR: '0' })).to.deep.equal([false, false]);
        expect(colours(stdout, stderr, { FORCE_COLOR: '1', NO_COLOR: '1' })).to.deep.equal([false, false]);
      }
    }
  });

  it('rewrites lines only on a terminal that people look at', () => {
    const live = (stderr: boolean, env: Environment = {}) =>
      openConsole('text', { stdout: stream(true), stderr: stream(stderr) }, env).live;
    expect([live(true), live(false), live(true, { CI: 'true' }), live(true, { TERM: 'dumb' })]).to.deep.equal([
      true,
      false,
      false,
      false,
    ]);
  });

  it('knows the width of each stream', () => {
    const out = openConsole('text', { stdout: stream(false), stderr: stream(true, 40) }, {});
    expect(looks(out).map(({ width }) => width)).to.deep.equal([100, 40]);
  });

  it('says no line that is longer than people read, and cuts no data', () => {
    const streams = { stdout: stream(false), stderr: stream(false) };
    const out = openConsole('text', streams, {});
    for (const print of [out.say, out.data]) print(`${'x'.repeat(10_000)}\nnext`);
    expect(streams.stderr.text).to.equal(`${'x'.repeat(4_000)}… (10000 characters)\nnext\n`);
    expect(streams.stdout.text).to.equal(`${'x'.repeat(10_000)}\nnext\n`);
  });

  it('breaks lines for people between words in a narrow terminal alone, and none that a program may read', () => {
    const words = Array.from({ length: 20 }, () => 'words').join(' ');
    const printed = (isTerminal: boolean, columns: number): readonly [lines: number, lines: number, lines: number] => {
      const texts = [0, 1, 2].map((which) => {
        const [stdout, stderr] = [stream(isTerminal, columns), stream(isTerminal, columns)];
        const out = openConsole('text', { stdout, stderr }, {});
        if (which === 0) out.show(words);
        else if (which === 1) out.data(words);
        else out.say(words);
        return `${stdout.text}${stderr.text}`.trimEnd().split('\n').length;
      });
      return texts as [number, number, number];
    };
    expect(printed(true, 40)).to.deep.equal([4, 1, 4]);
    expect(printed(true, 80)).to.deep.equal([1, 1, 1]);
    expect(printed(false, 40)).to.deep.equal([1, 1, 1]);
    const block = (columns: number): string[] =>
      openConsole('text', { stdout: stream(true), stderr: stream(true, columns) }, {})
        .block(words)
        .split('\n');
    expect([40, 80, 120].map((columns) => block(columns).length)).to.deep.equal([4, 2, 1]);
  });

  it('prints a result into a file without escapes while stderr is a terminal, and the reverse', () => {
    const result = FIXTURES.fail;
    if (result === undefined) throw new Error('no fixture');
    const file = { stdout: stream(false), stderr: stream(true) };
    const out = openConsole('text', file, {});
    out.data((look) => renderTerminal(result, look));
    expect(file.stdout.text).to.not.contain(ESCAPE);
    const screen = { stdout: stream(true), stderr: stream(false) };
    const seen = openConsole('text', screen, {});
    seen.data((look) => renderTerminal(result, look));
    expect(screen.stdout.text).to.contain(ESCAPE);
    expect(screen.stderr.text).to.equal('');
  });
});
