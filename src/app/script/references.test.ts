import { expect } from 'chai';
import { parseScript } from './parse.ts';
import { referencesOf } from './references.ts';

/** `kind name` of each reference, or by what a name is asked for that is not written. */
function found(script: string, name = 'a.ts'): string[] {
  return referencesOf(parseScript(script, name).program).map((reference) =>
    reference.kind === 'computed' ? `computed ${reference.by}` : `${reference.kind} ${reference.name}`,
  );
}

describe('app/script: what a script asks for', () => {
  const ASKED: readonly [script: string, ...expected: string[]][] = [
    ["import './a.ts'", 'module ./a.ts'],
    ['import a from "./a.ts"', 'module ./a.ts'],
    ["import a, * as b from './a.ts'", 'module ./a.ts'],
    ["import a, { b as c, 'd e' as f } from './a.ts'", 'module ./a.ts'],
    ["import * as from from './a.ts'", 'module ./a.ts'],
    ["import from from './a.ts'", 'module ./a.ts'],
    ["import{a}from'./a.ts';import{b}from'./b.ts'", 'module ./a.ts', 'module ./b.ts'],
    ["import {\n  a, // from './no.ts'\n} /* from */ from\n './a.ts'", 'module ./a.ts'],
    ["export * from './a.ts'; export * as b from './b.ts'", 'module ./a.ts', 'module ./b.ts'],
    [
      "export { a } from './a.ts'; interface b { }\nexport { b }\nimport c from './c.ts'",
      'module ./a.ts',
      'module ./c.ts',
    ],
    ["export default 'from'; export const from = './a.ts'"],
    ['export default { a: 1 }\nconst from = 2'],
    ["import type { A } from 'a'; export type { B } from 'b'; import type from './c.ts'", 'module ./c.ts'],
    ["import type C from 'c'; import type * as d from 'd'; import type from from 'e'"],
    ["import type, { a } from './a.ts'", 'module ./a.ts'],
    ["import { type A, b } from './a.ts'", 'module ./a.ts'],
    ["import a = require('./a.js')", 'module ./a.js'],
    ["const { a } = require ( './a.js' , )", 'module ./a.js'],
    ["require(name); require('a' + b); require(...a)", 'computed require', 'computed require', 'computed require'],
    [`require(\`a\${b}\`); require(\`./a.js\`)`, 'computed require', 'module ./a.js'],
    ["a.require('x'); a?.open('y'); function open(x) {} function require(y) {}"],
    ["await import('./a.ts'); import(b)", 'computed import', 'computed import'],
    ["open('a.txt'); open(`./b.txt`, 'b')", 'file a.txt', 'file ./b.txt'],
    ["open(import.meta.resolve('./a.txt')); import.meta.other('no')", 'file ./a.txt'],
    ["new SharedArray('a', () => JSON.parse(open('./a.json')))", 'file ./a.json'],
    ["enum E { A = 2 }\nopen('a.txt'); open(<string>'b.txt')", 'file a.txt', 'file b.txt'],
    ["import '\\x61.ts'; open('a' as string)", 'module a.ts', 'file a'],
    ["let a: import('./t.ts').X; type T = typeof import('./u.ts'); declare function open(a: string): string"],
    ["import { a } from './a.ts'; export = a; namespace N { export const b = open('b') }", 'module ./a.ts', 'file b'],
    ["class A { constructor(private open: string) { } a = open('a.txt') }", 'file a.txt'],
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
    const script = "import a from './a.ts'; import(b); /* é𝒳 */ open(c)";
    const at = (text: string) => script.indexOf(text);
    expect(referencesOf(parseScript(script, 'a.js').program).map((reference) => reference.at)).to.deep.equal([
      at("'./a.ts'"),
      at('import(b)'),
      at('open(c)'),
    ]);
  });

  const CERTAIN = (script: string) =>
    referencesOf(parseScript(script, 'a.js').program).map((reference) =>
      reference.kind === 'computed' ? undefined : reference.certain,
    );

  it('knows what is asked for whatever happens', () => {
    for (const script of ["import 'a'", "export * from 'a'", "const a = require('a')", "a(b, { c: [open('a')] })"]) {
      expect(CERTAIN(script), script).to.deep.equal([true]);
    }
  });

  it('is not certain of what may never be reached', () => {
    for (const script of [
      "try { require('crypto') } catch { }",
      "typeof require === 'function' && require('a')",
      "if (a) open('b')",
      "const c = a ? require('a') : b",
      "(function (root, factory) { module.exports = factory(require('a')) })(this, f)",
      "const f = () => open('a')",
      "class A { a() { require('a') } b = open('a'); static { open('a') } }",
      "for (const a of b) open('a')",
      "while (a) open('a')",
      "switch (a) { case 1: open('a') }",
      "a?.b(open('a'))",
    ]) {
      expect(new Set(CERTAIN(script)), script).to.deep.equal(new Set([false]));
    }
  });
});

describe('app/script: names that are not written', () => {
  const three = (one: string): string[] => [one, one, one];
  const HIDDEN: readonly [script: string, ...expected: string[]][] = [
    ["const o = open; o('/etc/hostname')", 'computed open'],
    ["const r = require; r('https://a.b/c.js')", 'computed require'],
    ["(0, open)('/a'); open.call(null, '/a'); open?.()", ...three('computed open')],
    ["open(['/a']); open(`/a`.b); open(...a)", ...three('computed open')],
    ['open`/a`; const a = { open }; [...open]', ...three('computed open')],
    ['\\u006fpen(a); \\u{6f}pen(a); r\\u0065quire(a)', 'computed open', 'computed open', 'computed require'],
    ['const a = b ? open : c', 'computed open'],
    ['new open(a); class A extends open(b) { }', 'computed open', 'computed open'],
    ['open(a)\n{ }', 'computed open'],
    ['open ?? a; typeof open.call; typeof open(a)', ...three('computed open')],
    ["open(import.meta.resolve('./a') + b)", 'computed open', 'file ./a'],
    ["open(import.meta.resolve('/a'), 'b')", 'file /a'],
    ['open(import.meta.resolve(a))', 'computed open'],
  ];
  for (const [script, ...expected] of HIDDEN) {
    it(`are told in ${JSON.stringify(script)}`, () => {
      expect(found(script)).to.deep.equal(expected);
    });
  }

  const PLAIN: readonly string[] = [
    'a.open(b); a?.open(b); a.require(b); class B { #open() { this.#open(b) } }',
    'const a = { open: 1, b, require: 2 }; a.open = 4',
    'const a = { open() {}, b, open(c) { return 1 }, async open(d, e) { } }',
    'class A { open = 1; static open(a) { } get open() { return 1 } private open(a: string): void; open?(a?: B): void }',
    'interface A { open: boolean; b: string\n open?: boolean\n open(a: string): void }',
    "import { open as a } from 'k6'; export { open } from 'k6'; export { c as require } from 'k6'",
    "if (typeof require === 'function' && typeof open == 'function') a()",
    'function f(a: { open: boolean }, open: boolean) {}',
    'open: for (;;) { break open }',
  ];
  for (const script of PLAIN) {
    it(`are not seen in ${JSON.stringify(script)}`, () => {
      expect(found(script).filter((one) => one !== 'module k6')).to.deep.equal([]);
    });
  }
});

describe('app/script: an `open` of the script itself', () => {
  const OWN: readonly string[] = [
    'const open = (a) => a; open(b); open',
    'let open; open(a)',
    'open(a); var open',
    'export const open: A = b; open(c)',
    'open(a); function open(a) { }',
    'export default async function open(a: string): Promise<A[]> { open(b) }',
    'export default class open { a() { open(b) } }',
    "import open from 'k6'; open(a)",
    "import a, { b as open } from 'k6'; open(a)",
    "import { a, open, type b } from 'k6'; open(a)",
    "import * as open from 'k6'; open(a)",
    'if (a) { const open = b; f(() => open(c)) }',
    'function f() { if (a) { var open = b } return open(c) }',
    'const a = b()\nfunction open(c) { }\nopen(a)',
    'function f(open) { return open(a) }',
    'const f = (a, { b: [open = c] }, ...d) => open(a)',
    'const { open } = a; const [b, require] = c; open(d); require(e)',
    'const f = function open(a) { open(b) }; const C = class open { a = open(b) }',
    'try { } catch (open) { open(a) }',
    'for (const open of a) open(b)',
    'open = function (a) { }; open(b)',
    'class A { static { let open = a; open(b) } }',
    'switch (a) { case 1: let open = b; case 2: open(c) }',
  ];
  for (const script of OWN) {
    it(`is told in ${JSON.stringify(script)}`, () => {
      expect(found(script).filter((one) => one !== 'module k6')).to.deep.equal([]);
    });
  }

  const NOT_OWN: readonly string[] = [
    '{ const open = 1 } open(a)',
    'declare const open: A; open(a)',
    'declare function open(a: string): string; open(a)',
    'function open(a: string): string; open(a)',
    'const f = function open(a) { }; open(a)',
    'f(function open(a) { }); open(a)',
    "import type { open } from 'k6'; open(a)",
    "import { type open } from 'k6'; open(a)",
    "import { type a as open } from 'k6'; open(a)",
    "import { open as b } from 'k6'; open(a)",
    'a.let\nopen(b)',
    'class A { var\n open = 1; a() { open(b) } }',
    'for (const open = 1; ; ) { } open(a)',
    'function f(open) { } open(a)',
    'var f = (open) => { }; open(a)',
    'function f() { var open = 1 } open(a)',
  ];
  for (const script of NOT_OWN) {
    it(`is none in ${JSON.stringify(script)}`, () => {
      expect(found(script)).to.include('computed open');
    });
  }
});
