import { expect } from 'chai';
import fc from 'fast-check';
import { LinearPattern } from './linear-pattern.ts';

/**
 * Patterns of what is there, as people write them: groups of groups, and no more, on short texts, since RegExp takes for ever where
 * repetitions stand in each other.
 */
const pattern = fc.letrec<{ node: string; atom: string }>((tie) => ({
  atom: fc.oneof(
    { maxDepth: 2 },
    fc.constantFrom('a', 'b', 'c', '.', '\\d', '\\w', '\\s', '[ab]', '[^a]', '[a-c1]', '\\.', '-', '[\\w-]'),
    tie('node').map((inner) => `(${inner})`),
    tie('node').map((inner) => `(?:${inner})`),
  ),
  node: fc
    .array(
      fc
        .tuple(tie('atom'), fc.constantFrom('', '', '*', '+', '?', '{2}', '{1,2}', '{0,}', '*?'))
        .map(([a, b]) => a + b),
      { maxLength: 3 },
    )
    .chain((parts) =>
      fc.tuple(
        fc.constantFrom('', '', '^'),
        fc.constant(parts.join('')),
        fc.constantFrom('', '', '$'),
        fc.constantFrom('', '', '|b', '|'),
      ),
    )
    .map((parts) => parts.join('')),
})).node;

const subject = fc.string({ unit: fc.constantFrom('a', 'b', 'c', '1', ' ', '.', '-', '\n'), maxLength: 8 });

describe('model/pattern', () => {
  it('finds what RegExp finds', () => {
    fc.assert(
      fc.property(pattern, fc.array(subject, { maxLength: 5 }), (text, subjects) => {
        const [own, theirs] = [new LinearPattern(text), new RegExp(text)];
        for (const one of subjects)
          expect(own.test(one), `/${text}/ in ${JSON.stringify(one)}`).to.equal(theirs.test(one));
      }),
      { numRuns: 2000 },
    );
  }).timeout(30_000);

  it('knows what real answers need', () => {
    const status = new LinearPattern('"status"\\s*:\\s*"(ok|ready)"');
    expect(status.test('{"id":1,"status": "ready"}')).to.equal(true);
    expect(status.test('{"status":"degraded"}')).to.equal(false);
    expect(new LinearPattern('^https://[^/]+\\.example\\.com(/|$)').test('https://a.example.com')).to.equal(true);
    expect(new LinearPattern('\\u00fc\\x41').test('üA')).to.equal(true);
  });

  it('takes linear time where RegExp would take for ever', () => {
    for (const text of ['(a+)+$', '(a|a)*b', '(.*)*x', 'a.*a.*a.*b']) {
      const evil = new LinearPattern(text);
      expect(evil.test(`${'a'.repeat(60_000)}!`), text).to.equal(false);
    }
  });

  it('says why it is none', () => {
    const wrong = [
      '(a',
      'a)',
      '*a',
      'a**',
      '[a',
      '\\',
      '(?=a)',
      '(?<n>a)',
      '\\1',
      '\\bword',
      '[b-a]',
      'a{2,1}',
      'x{5000}',
      '\\u12',
    ];
    for (const text of [...wrong, '((a{99}){99}){99}']) expect(() => new LinearPattern(text), text).to.throw();
  });
});
