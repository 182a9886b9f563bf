import { expect } from 'chai';
import { referencesOf } from './references.ts';
import { tokensOf } from './tokens.ts';

/** `kind name` of each reference. */
function found(script: string): string[] {
  return referencesOf(script).map(({ kind, name }) => `${kind} ${name}`);
}

describe('cli/script: what a script asks for', () => {
  const ASKED: readonly [script: string, ...expected: string[]][] = [
    ["import './a.ts'", 'module ./a.ts'],
    ['import a from "./a.ts"', 'module ./a.ts'],
    ["import a, * as b from './a.ts'", 'module ./a.ts'],
    ["import a, { b as c, 'd e' as f } from './a.ts'", 'module ./a.ts'],
    ["import * as from from './a.ts'", 'module ./a.ts'],
    ["import from from './a.ts'", 'module ./a.ts'],
    ["import{a}from'./a.ts'import{b}from'./b.ts'", 'module ./a.ts', 'module ./b.ts'],
    ["import {\n  a, // from './no.ts'\n} /* from */ from\n './a.ts'", 'module ./a.ts'],
    ["export * from './a.ts'; export * as b from './b.ts'", 'module ./a.ts', 'module ./b.ts'],
    ["export { a } from './a.ts'; export { b }\nimport c from './c.ts'", 'module ./a.ts', 'module ./c.ts'],
    ["export default 'from'; export const from = './a.ts'"],
    ['export default { a: 1 }\nconst from = 2'],
    ["import type { A } from 'a'; export type { B } from 'b'; import type from './c.ts'", 'module ./c.ts'],
    ["import type C from 'c'; import type * as d from 'd'; import type from from 'e'"],
    ["import type, { a } from './a.ts'", 'module ./a.ts'],
    ["import { type A, b } from './a.ts'", 'module ./a.ts'],
    ["import a = require('./a.js')", 'module ./a.js'],
    ["const { a } = require ( './a.js' , )", 'module ./a.js'],
    ["require(name); require('a' + b); require('a', 'b')", 'computed require', 'computed require', 'computed require'],
    [`require(\`a\${b}\`); require(\`./a.js\`)`, 'computed require', 'module ./a.js'],
    ["a.require('x'); a?.open('y'); function open(x) {} function require(y) {}"],
    ["await import('./a.ts'); import(b)", 'dynamic import()', 'dynamic import()'],
    ["open('a.txt'); open(`./b.txt`, 'b')", 'file a.txt', 'file ./b.txt'],
    ["open(import.meta.resolve('./a.txt')); import.meta.other('no')", 'file ./a.txt'],
    ["new SharedArray('a', () => JSON.parse(open('./a.json')))", 'file ./a.json'],
    ["enum E { A = 2 }\nopen('a.txt'); open(<string>'no')", 'file a.txt', 'computed open'],
    ["import '\\x61.ts'", 'module \\x61.ts'],
    ["#!/usr/bin/env k6 import './no.ts'\nimport './a.ts'", 'module ./a.ts'],
  ];
  for (const [script, ...expected] of ASKED) {
    it(`reads ${JSON.stringify(script)}`, () => {
      expect(found(script)).to.deep.equal(expected);
    });
  }

  const CALL = "open('./yes.txt')";
  const HIDDEN: readonly [what: string, script: string][] = [
    ['a line comment', "// open('./no.txt')\n"],
    ['a block comment', "/* open('./no.txt')\n import './no.ts' **/"],
    ['a string', `"open('./no.txt') //";`],
    ['a string with an escaped quote', `'it\\'s open("./no.txt")';`],
    ['a string over two lines', `'one \\\n import "./no.ts"';`],
    ['a template', `\`open('./no.txt') \${1} import './no.ts'\`;`],
    ['a template in a template', `\`a \${\`b \${{ c: 1 }.c} open('./no.txt')\`} open('./no.txt')\`;`],
    ['a template with an escaped quote', "`\\` open('./no.txt') \\${`;"],
    ['a regular expression with a slash in brackets', 'const a = /[`/]/g;'],
    ['a regular expression', "const a = /[/'\"`]open('.\\/no.txt')/g;"],
    ['a regular expression after a head', 'if (a) /`/.test(b);'],
    ['a regular expression after a word', 'const f = () => { return /`/.test(b) };'],
    ['a regular expression after a block', '{ a }\n/`/.test(b);'],
    ['a regular expression after an operator', 'const a = !/`/.test(b) || /"/.test(b);'],
    ['a comment that ends nowhere but in a string', "'/*';"],
  ];
  for (const [what, script] of HIDDEN) {
    it(`is not fooled by ${what}`, () => {
      expect(found(`${script} ${CALL}`)).to.deep.equal(['file ./yes.txt']);
    });
  }

  const DIVIDED = [
    'const a = b / c; ',
    'const a = (b) / c; ',
    'const a = b[0] / c; ',
    'const a = b++ / c; ',
    'const a = b! / c; ',
    'const a = { b }.b / c; ',
    'const a = {} / c; ',
    `const a = \`\${b}\` / c; `,
    'const a = b.return / c; ',
  ];
  for (const script of DIVIDED) {
    it(`knows a division: ${script}`, () => {
      expect(found(`${script}${CALL} / 2`)).to.deep.equal(['file ./yes.txt']);
    });
  }

  it('tells where', () => {
    expect(referencesOf("import a from './a.ts'; import(b)").map(({ at }) => at)).to.deep.equal([14, 24]);
  });

  it('comes to an end with any text', () => {
    for (const text of ['`', '`${', '}', "'", '/', '/*', '\\', 'import', 'export {', 'import {', 'open(', '`\\']) {
      expect(tokensOf(`${text}`).length).to.be.below(4);
      expect(found(text)).to.deep.equal([]);
    }
  });
});
