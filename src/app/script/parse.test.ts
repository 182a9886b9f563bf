import { expect } from 'chai';
import fc from 'fast-check';
import { parseScript, UnreadableScript } from './parse.ts';
import { referencesOf } from './references.ts';

/** Where the references of a script stand in it. */
function places(script: string, name = 'a.ts'): number[] {
  const { program, originOf } = parseScript(script, name);
  return referencesOf(program).map(({ at }) => originOf(at));
}

function refusal(script: string, name: string): UnreadableScript {
  try {
    parseScript(script, name);
  } catch (error) {
    if (error instanceof UnreadableScript) return error;
    throw error;
  }
  throw new Error('it was read');
}

describe('app/script/parse: a script as JavaScript, with its places', () => {
  const TYPED = [
    "const a: Map<'é', `𝒳`> = b as unknown; ",
    'interface A { é: 𝒳 }\n',
    "import type { A } from '𝒳'; ",
    'enum E { A = "é𝒳" }\n  ',
    'namespace N { export const a = 1 }\n\n',
    'class A { constructor(private readonly é: string) { } }\n',
    '/* é𝒳 */ ',
  ];
  for (const before of TYPED) {
    it(`knows the place after ${JSON.stringify(before)}`, () => {
      const script = `${before}open('a.txt');`;
      expect(places(script)).to.deep.equal([script.indexOf("'a.txt'")]);
    });
  }

  it('reads what is no module, and a program with a first line for a shell', () => {
    for (const script of ['with (a) { b() }', 'var a = 017;', 'return 1', '#!/usr/bin/env k6\nopen(a)']) {
      expect(parseScript(script, 'a.js').program.type, script).to.equal('Program');
    }
  });

  it('takes JavaScript as it is', () => {
    expect(places("a < b > (open('a'))", 'a.js')).to.deep.equal([14]);
    expect(refusal('const a: string = 1', 'a.js').at).to.equal(7);
  });

  it('says where it cannot go on', () => {
    expect(refusal('let a = ;', 'a.js')).to.include({ at: 8 });
    expect(refusal('let a = ;', 'a.ts').message).to.equal('Expression expected');
    expect(refusal('@a class B { }\nlet b', 'a.ts').at).to.equal(0);
  });

  it('leaves the warnings of Node as they were', () => {
    const { emitWarning } = process;
    parseScript('const a: string = b', 'a.ts');
    expect(() => parseScript('let a = ;', 'a.ts')).to.throw();
    expect(process.emitWarning).to.equal(emitWarning);
  });

  it('property: reads any text, or says that it cannot', () => {
    const PART = fc.constantFrom(
      '`',
      '${',
      '}',
      "'",
      '/',
      '/*',
      '\\',
      'import',
      ' from ',
      'open(',
      '{',
      '𝒳',
      '\n',
      ')',
      ':',
    );
    fc.assert(
      fc.property(fc.array(PART, { maxLength: 12 }), fc.constantFrom('a.ts', 'a.js'), (parts, name) => {
        const script = parts.join('');
        try {
          for (const at of places(script, name)) expect(at).to.be.within(0, script.length);
        } catch (error) {
          expect(error).to.be.instanceOf(UnreadableScript);
          expect((error as UnreadableScript).at).to.be.within(0, script.length);
        }
      }),
      { numRuns: 300 },
    );
  });
});
