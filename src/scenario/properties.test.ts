import { expect } from 'chai';
import fc from 'fast-check';
import { parse as parseYaml } from 'yaml';
import type { Json } from '../model/scenario.ts';
import { formatDiagnostics } from './format.ts';
import { nearest } from './suggest.ts';
import { parseTargets } from './targets.ts';
import { diagnosticsOf, FULL, parse } from './testing/fixtures.ts';

/** Every key of the full scenario with its place in the text, except names that are free. */
/** `FAULTLINE_SEEDS=10 npm run test:truth` takes more. */
const SEEDS = Number(process.env.FAULTLINE_SEEDS ?? 1);

const FREE = new Set(['team', 'x-a']);
const KEYS = [...FULL.matchAll(/(?<=^|[{ ,-])([A-Za-z-]+)(?=:(?: |\n))/gm)]
  .map((match) => ({ key: match[1] ?? '', start: match.index }))
  .filter(({ key }) => !FREE.has(key));

type Spot = readonly (string | number)[];

/** The path of every value in a value. */
function spotsOf(value: Json, path: Spot = []): Spot[] {
  if (value === null || typeof value !== 'object') return [path];
  const inner = Array.isArray(value) ? [...value.entries()] : Object.entries(value);
  return [path, ...inner.flatMap(([step, part]) => spotsOf(part, [...path, step]))];
}

function replaced(value: Json, [step, ...rest]: Spot, other: Json): Json {
  if (step === undefined) return other;
  if (Array.isArray(value)) return value.map((part, index) => (index === step ? replaced(part, rest, other) : part));
  const fields = value as { [name: string]: Json };
  return { ...fields, [step]: replaced(fields[step] ?? null, rest, other) };
}

const letter = fc.constantFrom(...'abcdefghijklmnopqrstuvwxyz');

/** One slip of the fingers: a letter too many, too few, another one, or two swapped. */
function slip(key: string): fc.Arbitrary<string> {
  const at = fc.nat(key.length - 1);
  return fc
    .oneof(
      fc.tuple(at, letter).map(([i, char]) => key.slice(0, i) + char + key.slice(i)),
      fc.tuple(at, letter).map(([i, char]) => key.slice(0, i) + char + key.slice(i + 1)),
      at.map((i) => key.slice(0, i) + key.slice(i + 1)),
      at.map((i) => key.slice(0, i) + (key[i + 1] ?? '') + (key[i] ?? '') + key.slice(i + 2)),
    )
    .filter((word) => word !== key && word.length > 1);
}

const fragment = fc.constantFrom(
  ...[
    'a',
    ': ',
    '- ',
    '\n',
    '  ',
    '{',
    '}',
    '[',
    ']',
    ',',
    '"',
    "'",
    '&a ',
    '*a',
    '!!str ',
    '|\n',
    '>',
    '#',
    '? ',
    '---\n',
    '%',
  ],
  ...['\0', '\ufeff', '\r', '\t', '\ud800', '<<', '__proto__', 'spec', '5', '1e999', 'null', '~', '\\', '@'],
);

describe('scenario: properties', () => {
  it('finds the keys of the full scenario', () => {
    expect(KEYS.length).to.be.above(60);
  });

  it('a misspelt key gives one FIELD_UNKNOWN that names the right key', () => {
    const misspelt = fc
      .constantFrom(...KEYS)
      .chain(({ key, start }) => slip(key).map((word) => ({ key, start, word })));
    fc.assert(
      fc.property(misspelt, ({ key, start, word }) => {
        const text = FULL.slice(0, start) + word + FULL.slice(start + key.length);
        const found = diagnosticsOf(parse(text));
        expect(found.map(({ code }) => code)).to.deep.equal(['FIELD_UNKNOWN']);
        expect(found[0]?.hint).to.equal(`did you mean \`${key}\`?`);
        const before = FULL.slice(0, start).split('\n');
        expect(found[0]).to.include({
          line: before.length,
          column: (before.at(-1)?.length ?? 0) + 1,
          length: word.length,
        });
      }),
      { seed: 1, numRuns: 250 * SEEDS },
    );
  }).timeout(60_000 * SEEDS);

  it('never throws, and places everything inside the text', () => {
    const text = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 200 }),
      fc.array(fragment, { maxLength: 60 }).map((parts) => parts.join('')),
      fc
        .tuple(fc.nat(FULL.length), fc.nat(40), fc.array(fragment, { maxLength: 5 }))
        .map(([at, cut, parts]) => FULL.slice(0, at) + parts.join('') + FULL.slice(at + cut)),
    );
    fc.assert(
      fc.property(text, (source) => {
        const found = diagnosticsOf(parse(source));
        const lines = source.split('\n').length;
        for (const { line, column, length } of found) {
          expect(line).to.be.within(1, lines);
          expect(column).to.be.at.least(1);
          expect(length).to.be.at.least(1);
        }
        const shown = formatDiagnostics(found, source, { color: false });
        expect(/^[\n\x20-\x7e\u00a0-\u{10ffff}]*$/u.test(shown)).to.equal(true);
      }),
      { seed: 2, numRuns: 500 * SEEDS },
    );
  }).timeout(60_000 * SEEDS);

  it('never throws when any part has a value of any other kind', () => {
    const whole = parseYaml(FULL) as Json;
    const spots = spotsOf(whole);
    const value = fc.constantFrom<Json>(
      null,
      [],
      {},
      [null],
      [[]],
      { a: null },
      { zone: null },
      'x',
      '',
      '5s',
      5,
      -1,
      true,
    );
    fc.assert(
      fc.property(fc.constantFrom(...spots), value, (spot, other) => {
        const text = JSON.stringify(replaced(whole, spot, other));
        diagnosticsOf(parse(text));
        expect(diagnosticsOf(parseTargets(text.replace('Scenario', 'Targets'), 'f')).length).to.be.above(0);
      }),
      { seed: 4, numRuns: 500 * SEEDS },
    );
  }).timeout(60_000 * SEEDS);

  it('suggests a word that is there, and only a near one', () => {
    const words = fc.array(fc.stringMatching(/^[a-z]{3,10}$/), { maxLength: 6 });
    fc.assert(
      fc.property(fc.stringMatching(/^[a-z]{1,12}$/), words, (word, candidates) => {
        const found = nearest(word, candidates);
        if (found !== undefined) expect(candidates).to.include(found);
        if (candidates.includes(word)) expect(found).to.equal(word);
      }),
    );
  });
});
