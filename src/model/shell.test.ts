import { spawnSync } from 'node:child_process';
import { expect } from 'chai';
import fc from 'fast-check';
import { hostileTexts, toldBy } from '../report/testing/hostile-texts.ts';
import { patchText } from './kubectl.ts';
import { repeatCommand, shellCommand } from './shell.ts';

/** The words that a shell makes of a command line: one that knows `$'…'`, unless it is told otherwise. */
function wordsOf(commandLine: string, shell = 'bash'): string[] {
  const script = `show() { printf '%s\\0' "$@"; }\nshow ${commandLine}`;
  const { stdout, status, stderr } = spawnSync(shell, ['-c', script], { encoding: 'utf8' });
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

  it('hold nothing that a log, a page or a terminal would show otherwise, and the same value', () => {
    const texts = hostileTexts(7);
    const words = Array.from({ length: 400 }, () => texts.next().value.replaceAll('\0', ''));
    words.push(
      'a\nb\n',
      '\n',
      '\t',
      '##[x]',
      '##[',
      'a  b   c',
      ' ',
      '  ',
      '::set-env',
      "'##vso[x]'",
      '\u{e0041}\u202e',
    );
    const line = shellCommand(words);
    expect(toldBy(line)).to.deep.equal([]);
    expect(line).to.not.match(/[\n\t]| {2}/);
    for (const word of words) expect(toldBy(shellCommand([word])), word).to.deep.equal([]);
    expect(wordsOf(line)).to.deep.equal(words.map((word) => word.toWellFormed()));
  });

  it('with a patch hold letters only, and every shell hands it over as the same value', () => {
    const texts = hostileTexts(8);
    const patch = Array.from({ length: 200 }, () => ({ op: 'add', path: '/a', value: `'${texts.next().value}  x'` }));
    const line = patchText('deployment/a', JSON.stringify(patch));
    expect(toldBy(line)).to.deep.equal([]);
    expect(line).to.not.match(/[\n\t]| {2}/);
    const words = wordsOf(line, 'sh');
    expect(words.slice(0, -1)).to.deep.equal(['patch', 'deployment/a', '--type=json', '-p']);
    expect(JSON.parse(words.at(-1) ?? '')).to.deep.equal(patch);
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
