import { expect } from 'chai';
import { formatDiagnostics } from './format.ts';
import { parseTargets } from './targets.ts';
import { diagnosticsOf, edited, LEAST, parse, places } from './testing/fixtures.ts';

const LIMIT = 256 * 1024;

/** As many copies as a file may hold. */
function filled(unit: string): string {
  return unit.repeat(Math.floor(LIMIT / unit.length));
}

function numbered(line: (index: number) => string, count: number): string {
  return Array.from({ length: count }, (_, index) => line(index)).join('\n');
}

const FILLINGS = [
  ...['[', '{', '{a: ', '- ', '? ', 'a: ', '[a: ', '[? ', '- !!seq ', '[],', '[]', '[\n', ']', ',', '{}:', '"a":'],
  ...['&a ', '- &a b\n', '&a\n', '!!str ', '!', '&', '*', '*a ', '- *a\n', '<<: *a\n', '---\n', '...\n', '--- a\n'],
  ...['\n', ' \n', '#\n', '\t', ' ', '\r', '\r\n', '"', "'", '"\n', '"\\', '|\n', '>\n', '%\n', '%TAG ! a\n', '@'],
  ...['a\n', 'a\n  b\n', ':\n', '?\n', '-\n', '- a:\n', '- |\n  a\n', 'a: 1\n', '__proto__: 1\n', '- 1e999\n'],
  ...['\0', '\u001b[2J', '\ud800', '\ud83d\ude00', '- "\\u0000"\n', 'a'],
];

const BOMB = numbered(
  (i) =>
    `a${i}: &a${i} [${
      i === 0
        ? 'x'
        : Array(9)
            .fill(`*a${i - 1}`)
            .join(', ')
    }]`,
  12,
);

const CORPUS: Readonly<Record<string, string>> = {
  ...Object.fromEntries(FILLINGS.map((unit) => [`all ${JSON.stringify(unit)}`, filled(unit)])),
  ...Object.fromEntries(
    FILLINGS.map((unit) => [`inside ${JSON.stringify(unit)}`, `metadata: {name: ${unit.repeat(1500)}`]),
  ),
  'many keys': numbered((i) => `k${i}: 1`, 9000),
  'many aliases': `x: &a 1\n${numbered((i) => `k${i}: *a`, 6000)}`,
  'alias bomb': BOMB,
  'alias chain': `a0: &a0 1\n${numbered((i) => `a${i + 1}: &a${i + 1} [*a${i}]`, 3000)}`,
  'deep indentation': numbered((i) => `${' '.repeat(i)}a:`, 700),
  'ten megabytes': 'a: b\n'.repeat(2_000_000),
  'one long line': 'a'.repeat(10_000_000),
  'one long key': `${'a'.repeat(100_000)}: 1`,
  'one long value': `apiVersion: ${'b'.repeat(200_000)}`,
};

const SHOWN = /^[\n\x20-\x7e\u00a0-\u{10ffff}]*$/u;

describe('scenario: hostile texts', () => {
  it('may be a value of a wrong kind anywhere', () => {
    for (const field of ['metadata', 'spec']) {
      for (const value of ['', 'null', '~', '5', 'text', '[]', '[[]]', '{}', '{a: null}']) {
        const text = LEAST.replace(new RegExp(`^${field}:(.*\\n(  .*\\n)*)`, 'm'), `${field}: ${value}\n`);
        expect(parse(text).ok, `${field}: ${value}`).to.equal(false);
      }
    }
  });

  it('are refused, with output that no terminal obeys', () => {
    for (const [name, text] of Object.entries(CORPUS)) {
      const diagnostics = diagnosticsOf(parse(text));
      const shown = formatDiagnostics(diagnostics, text, { color: false });
      expect(diagnostics.length, name).to.be.within(1, 101);
      expect(SHOWN.test(shown), name).to.equal(true);
      expect(shown.length, name).to.be.below(60_000);
    }
  }).timeout(60_000);

  it('are refused as targets files too', () => {
    for (const text of [BOMB, filled('['), filled('- '), filled('"\n'), 'a: b\n'.repeat(2_000_000)]) {
      expect(parseTargets(text, 'targets.yaml').ok).to.equal(false);
    }
  });

  const LIMITS: readonly [what: string, text: string, ...expected: string[]][] = [
    ['nothing', '', '1:1 FIELD_TYPE'],
    ['only a comment', '# a', '1:1 FIELD_TYPE'],
    ['a list', '- a', '1:1 FIELD_TYPE'],
    ['plain text', 'hello', '1:1 FIELD_TYPE'],
    ['a file that is too large', `a: b\n${' '.repeat(LIMIT)}`, '1:1 YAML_LIMIT'],
    ['flow nesting', `a: ${'['.repeat(100_000)}`, '1:67 YAML_LIMIT'],
    ['block nesting', '- '.repeat(100_000), '1:128 YAML_LIMIT'],
    ['too many parts', filled('a: b\n'), '5715:2 YAML_LIMIT'],
    ['NUL', 'a: \0', '1:4 YAML_SYNTAX'],
    ['a lone surrogate', 'a: \ud83d\ude00 \ud83d', '1:6 YAML_SYNTAX'],
    ['an escape sequence', 'a: \u001b[2J', '1:4 YAML_SYNTAX'],
    ['a tab as indentation', 'a:\n\tb: 1', '2:1 YAML_SYNTAX'],
    ['a directive', '%YAML 1.1\n---\na: yes', '1:1 YAML_SYNTAX'],
    ['an open quote', 'a: "b', '1:6 YAML_SYNTAX'],
    ['a bound without quotes', 'a:\n  good: >= 99%', '2:10 YAML_SYNTAX'],
  ];
  for (const [what, text, ...expected] of LIMITS) {
    it(`says where: ${what}`, () => {
      expect(places(diagnosticsOf(parse(text)))).to.deep.equal(expected);
    });
  }

  const VALUES: readonly [what: string, value: string, ...expected: string[]][] = [
    ['an unsafe key', '{__proto__: {polluted: true}}', '3:39 YAML_UNSAFE_KEY'],
    ['a quoted unsafe key', '{"constructor": x}', '3:39 YAML_UNSAFE_KEY'],
    ['an escaped unsafe key', '{"proto\\u0074ype": x}', '3:39 YAML_UNSAFE_KEY'],
    ['a tag', '{a: !!js/function x}', '3:56 FIELD_VALUE'],
    ['a tagged key', '{!!str a: x}', '3:45 FIELD_VALUE'],
    ['a merge key', '{a: &a {}, <<: *a}', '3:39 FIELD_TYPE', '3:49 FIELD_UNKNOWN'],
    ['an alias of nothing', '{a: *b}', '3:42 NAME_UNKNOWN'],
    ['an alias of itself', '&a {a: *a}', '3:45 YAML_LIMIT'],
    ['a key that is a list', '{[a]: b}', '3:39 FIELD_TYPE'],
    ['a key without text', '{: b}', '3:39 FIELD_TYPE'],
    ['an escaped control character', '{a: "\\u001b[2J"}', '3:42 FIELD_VALUE'],
    ['an escaped lone surrogate', '{a: "\\ud83d"}', '3:42 FIELD_VALUE'],
    ['infinity', '{a: .inf}', '3:42 FIELD_VALUE'],
    ['a number for text', '{a: 0x10}', '3:42 FIELD_TYPE'],
  ];
  for (const [what, value, ...expected] of VALUES) {
    it(`says where: ${what}`, () => {
      const text = edited(LEAST, '{name: least}', `{name: least, annotations: ${value}}`);
      expect(places(diagnosticsOf(parse(text)))).to.deep.equal(expected);
      expect(Object.hasOwn(Object.prototype, 'polluted')).to.equal(false);
    });
  }

  it('takes the words of YAML 1.1 as text', () => {
    const parsed = parse(edited(LEAST, '{name: least}', '{name: least, annotations: {a: yes, no: off, on: 1:20}}'));
    expect(parsed.ok && parsed.value.annotations).to.deep.equal({ a: 'yes', no: 'off', on: '1:20' });
  });

  it('stops an alias bomb where it grows too large, and lets few aliases be', () => {
    const bomb = edited(LEAST, 'apiVersion', `${BOMB}\napiVersion`);
    const found = diagnosticsOf(parse(bomb)).filter(({ code }) => code === 'YAML_LIMIT');
    expect(found[0]?.line).to.equal(6);
    expect(found[0]?.message).to.equal('with its aliases the file stands for more than 20000 values');
  });

  it('lists a hundred problems and counts the rest', () => {
    const found = diagnosticsOf(parse(`${LEAST}${numbered((i) => `x${i}: 1`, 250)}\n`));
    expect(found).to.have.length(101);
    expect(found[99]?.message).to.contain('`x99`');
    expect(found[100]).to.include({
      code: 'YAML_LIMIT',
      line: 110,
      message: '150 more from here on; only the first 100 are listed',
    });
  });
});
