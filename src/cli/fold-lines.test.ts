import { stripVTControlCharacters } from 'node:util';
import { expect } from 'chai';
import fc from 'fast-check';
import { foldLines } from './fold-lines.ts';

const words = fc.array(fc.constantFrom('a', 'pods', 'entry@tokyo/ap-northeast-1a', '27', 'zone', '>='), {
  minLength: 1,
  maxLength: 30,
});

describe('folded lines', () => {
  it('break between words, go on further in, and lose nothing', () => {
    fc.assert(
      fc.property(words, fc.integer({ min: 0, max: 8 }), fc.integer({ min: 40, max: 79 }), (all, indent, columns) => {
        const text = `${' '.repeat(indent)}${all.join(' ')}`;
        const lines = foldLines(text, columns).split('\n');
        expect(lines.map((line) => line.trim()).join(' ')).to.equal(text.trim());
        expect(lines.filter((line) => line.length > columns)).to.deep.equal([]);
        for (const line of lines.slice(1)) expect(line).to.match(new RegExp(`^ {${indent + 2}}\\S`));
      }),
    );
  });

  it('stay whole from 80 columns on, where they fit, and where a word has no room', () => {
    const long = Array.from({ length: 30 }, () => 'words').join(' ');
    expect([foldLines(long, 80), foldLines(long, 79)]).to.deep.equal([
      long,
      `${long.slice(0, 77)}\n  ${long.slice(78, 155)}\n  ${long.slice(156)}`,
    ]);
    expect(foldLines(long, 0)).to.equal(long);
    expect(foldLines('two  columns', 40)).to.equal('two  columns');
    const path = `report: /${'folder/'.repeat(9)}report.html`;
    expect(foldLines(path, 40)).to.equal(path.replace('report: ', 'report:\n  '));
  });

  it('take no room for colours, and leave excerpts with their marks and commands as they are', () => {
    const words = Array.from({ length: 12 }, () => '\u001b[31merror\u001b[0m').join(' ');
    const lines = foldLines(words, 40).split('\n');
    expect(lines.map((line) => stripVTControlCharacters(line).length)).to.deep.equal([35, 37]);
    const excerpt = `\u001b[2m  46 |\u001b[0m   order: [{zone: ap-northeast-1b}, {region: cn-hangzhou}]\n\u001b[2m     |\u001b[0m${' '.repeat(40)}^^^`;
    expect(foldLines(excerpt, 40)).to.equal(excerpt);
    for (const before of ['', '        ', '    to stop drills there: ']) {
      const command = `${before}kubectl --context tokyo -n default create configmap faultline-freeze`;
      expect(foldLines(command, 40)).to.equal(command);
      const hook = `${before}cd '/srv/where the drill was begun' && ./load-balancer.sh off --zone a`;
      expect(foldLines(hook, 40)).to.equal(hook);
    }
  });
});
