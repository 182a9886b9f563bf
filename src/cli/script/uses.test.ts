import { expect } from 'chai';
import { referencesOf } from './references.ts';

/** `kind name` of each reference. */
function found(script: string): string[] {
  return referencesOf(script).map(({ kind, name }) => `${kind} ${name}`);
}

const three = (one: string): string[] => [one, one, one];

describe('cli/script: what hides what it asks for', () => {
  const HIDDEN: readonly [script: string, ...expected: string[]][] = [
    ["const o = open; o('/etc/hostname')", 'computed open'],
    ["const r = require; r('https://a.b/c.js')", 'computed require'],
    ["(0, open)('/a'); open.call(null, '/a'); open?.('/a')", ...three('computed open')],
    ["open(['/a']); open(`/a`.b); open(...a)", ...three('computed open')],
    ['open`/a`; const a = { open }; [...open]', ...three('computed open')],
    ["open('a' + b); open(('/a')); open('a' as string)", ...three('computed open')],
    ['\\u006fpen(a); \\u{6f}pen(a); r\\u0065quire(a)', 'computed open', 'computed open', 'computed require'],
    ['const a = b ? open : c; const d = b ? await open : c', 'computed open', 'computed open'],
    ['new open(a); class A extends open(b) { }', 'computed open', 'computed open'],
    ['open(a)\n{ }', 'computed open'],
    ['open ?? a; typeof open.call; typeof open(a)', ...three('computed open')],
    ['export { open }; export { require as r }', 'computed open', 'computed require'],
    ["open(import.meta.resolve('./a') + b)", 'computed open', 'file ./a'],
    ["open(import.meta.resolve('/a'), 'b')", 'file /a'],
    ['function f(open) { return open(a) }', 'computed open', 'computed open'],
    ['const { open } = a; const [b, require] = c', 'computed open', 'computed require'],
    ['const require = a'],
    ['const require = a; require(b)', 'computed require'],
    ["eval('a'); (0, eval)(a); const e = eval", ...three('code eval')],
    ["new Function('a'); Function(a)()", 'code Function', 'code Function'],
    ["globalThis.open('/a'); globalThis?.require", 'global globalThis', 'global globalThis'],
    ["globalThis['open']; globalThis?.['eval']; globalThis[a]", ...three('global globalThis')],
    ["globalThis['o' + 'pen']; globalThis['\\x6fpen']", 'global globalThis', 'global globalThis'],
    ['(globalThis as any).open; globalThis!.Function', 'global globalThis', 'global globalThis'],
    ["global.open(a); global['require']", 'global global', 'global global'],
    ["Function('return this')().open(a)", 'global Function'],
  ];
  for (const [script, ...expected] of HIDDEN) {
    it(`sees ${JSON.stringify(script)}`, () => {
      expect(found(script)).to.deep.equal(expected);
    });
  }

  const PLAIN: readonly string[] = [
    'a.open(b); a?.open(b); a.require(b); a.eval(b); new a.Function(b); this.#open(b)',
    'const a = { open: 1, b, require: 2, eval: 3 }; a.open = 4',
    'const a = { open() {}, b, open(c) { return 1 }, async open(d, e) { } }',
    'class A { open = 1; static open(a) { } get open() { } private open(a: string): void; open?(a?: B): void }',
    'interface A { open: boolean; b: string\n open?: boolean\n open(a: string): void }',
    "import { open as a } from 'k6'; export { open } from 'k6'; export { c as open } from 'k6'",
    "if (typeof require === 'function' && typeof open == 'function') a()",
    'function f(a: { open: boolean }, open: boolean) {}',
    'globalThis.a = globalThis["b"]; const g = typeof globalThis !== "undefined" ? globalThis : global; global[a]',
    "const root = a || Function('return this')(); const b: Function = c; d instanceof Function",
    'declare function open(a: string): string; open()',
  ];
  for (const script of PLAIN) {
    it(`takes ${JSON.stringify(script)}`, () => {
      expect(found(script).filter((one) => one !== 'module k6')).to.deep.equal([]);
    });
  }
});

describe('cli/script: an `open` of the script itself', () => {
  const OWN: readonly string[] = [
    'const open = (a) => a; open(b); open',
    'let open; open(a)',
    'export const open: A = b; open(c)',
    'open(a); function open(a) { }',
    'export default async function open(a: string): Promise<A[]> { open(b) }',
    "import open from 'k6'; open(a)",
    "import a, { b as open } from 'k6'; open(a)",
    "import { a, open, type b } from 'k6'; open(a)",
    "import * as open from 'k6'; open(a)",
    'if (a) { const open = b; f(() => open(c)) }',
    'const a = b()\nfunction open(c) { }\nopen(a)',
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
    'function open(a: string): string\nopen(a)\n{ }',
    'const f = function open(a) { }; open(a)',
    'f(function open(a) { }); open(a)',
    "import type { open } from 'k6'; open(a)",
    "import { type open } from 'k6'; open(a)",
    "import { type a as open } from 'k6'; open(a)",
    "import { open as b } from 'k6'; open(a)",
    'a.let\nopen(b)',
    'class A { var\n open = 1; a() { open(b) } }',
    'for (const open = 1; ; ) { } open(a)',
  ];
  for (const script of NOT_OWN) {
    it(`is none in ${JSON.stringify(script)}`, () => {
      expect(found(script)).to.include('computed open');
    });
  }
});
