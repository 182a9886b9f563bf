import { spawnSync } from 'node:child_process';
import { expect } from 'chai';
import fc from 'fast-check';
import { repeatCommand, shellCommand } from './shell.ts';

/** The words that a shell makes of a command line. */
function wordsOf(commandLine: string): string[] {
  const script = `show() { printf '%s\\0' "$@"; }\nshow ${commandLine}`;
  const { stdout, status, stderr } = spawnSync('sh', ['-c', script], { encoding: 'utf8' });
  expect(status, stderr).to.equal(0);
  return stdout.split('\0').slice(0, -1);
}

describe('commands for people', () => {
  it('stay plain where nothing needs quotes', () => {
    expect(repeatCommand('scenarios/a.yaml', 'sandbox', ['spec.load.rate=10/s'])).to.equal(
      'faultline run scenarios/a.yaml --target sandbox --set spec.load.rate=10/s',
    );
  });

  it('parse in a shell, with quotes, signs, spaces and line breaks', () => {
    const file = "it's $HOME/`x` (1).yaml";
    const settings = [`spec.hypothesis="it's $5"`, 'spec.hypothesis=|\n  two\n  lines', 'a=>= 99%', 'b=*', 'c=~', ''];
    expect(wordsOf(repeatCommand(file, 'my targets.yaml', settings))).to.deep.equal([
      ...['faultline', 'run', file, '--target', 'my targets.yaml'],
      ...settings.flatMap((setting) => ['--set', setting]),
    ]);
  });

  it('property: every word comes through a shell as it is', () => {
    const sign = fc.constantFrom(...'\'"\\$`!*?~#&;|<>(){}[]= \t\n-%^aä漢'.split(''));
    const word = fc.oneof(
      fc.string({ unit: sign }),
      fc.string({ unit: 'grapheme' }).map((text) => text.replaceAll('\0', '')),
    );
    fc.assert(
      fc.property(fc.array(word, { minLength: 20, maxLength: 60 }), (words) => {
        expect(wordsOf(shellCommand(words))).to.deep.equal(words);
      }),
      { numRuns: 20 },
    );
  });
});
