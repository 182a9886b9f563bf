import { expect } from 'chai';
import fc from 'fast-check';
import { QueryWatch } from './prometheus.ts';
import { type QueryWord, sampleText, wordOf } from './query-value.ts';
import { valuesOf } from './testing/fake-prometheus.ts';

const ABOVE = { side: 'above', value: 0.2 } as const;
const CONDITION = { kind: 'prometheus', query: 'sum( rate(x[1m]) )', limit: ABOVE, forMs: 20_000 } as const;

const WITHIN: QueryWord = { says: 'within', sample: { metric: {}, labels: '{zone="a"}', value: 0.1 } };
const PAST: QueryWord = { says: 'past', sample: { metric: {}, labels: '{zone="a"}', value: 0.312_345_678 } };
const NOTHING: QueryWord = { says: 'nothing', why: 'it has no value' };

describe('what an answer says of a limit', () => {
  it('is past it by one value on its side, the worst of them, and not by the limit itself', () => {
    expect(wordOf(valuesOf(0.1, 0.3, 0.4, 0.2), ABOVE)).to.deep.equal({
      says: 'past',
      sample: { metric: {}, labels: '{zone="2"}', value: 0.4 },
    });
    expect(wordOf(valuesOf(0.1, 0.2, 0.15), ABOVE)).to.deep.equal({
      says: 'within',
      sample: { metric: {}, labels: '{zone="1"}', value: 0.2 },
    });
    const below = { side: 'below', value: 3 } as const;
    expect(wordOf(valuesOf(3, 2, 1), below)).to.deep.include({
      sample: { metric: {}, labels: '{zone="2"}', value: 1 },
    });
    expect(wordOf(valuesOf(4, 3), below)).to.deep.equal({
      says: 'within',
      sample: { metric: {}, labels: '{zone="1"}', value: 3 },
    });
    expect(wordOf(valuesOf(Number.POSITIVE_INFINITY), ABOVE).says).to.equal('past');
  });

  it('is nothing without a value, with one that is no number, or with a warning; never that all is well', () => {
    const warned = { ...valuesOf(0.1), warnings: ['partial response'] };
    const words = [valuesOf(), valuesOf(0.1, Number.NaN), warned].map((answer) => wordOf(answer, ABOVE));
    expect(words).to.deep.equal([
      { says: 'nothing', why: 'it has no value' },
      { says: 'nothing', why: 'its value is NaN' },
      { says: 'nothing', why: 'the answer has a warning: partial response' },
    ]);
  });

  it('is past the limit all the same where some value is', () => {
    expect(wordOf({ ...valuesOf(Number.NaN, 0.3), warnings: ['partial response'] }, ABOVE).says).to.equal('past');
  });
});

/** Words that come every five seconds from 0 on; the seconds at which the condition is met first, and what it says. */
function firstMet(words: readonly QueryWord[], until = words.length * 5) {
  const watch = new QueryWatch(CONDITION, 0);
  for (let second = 0; second <= until; second++) {
    const word = words[second / 5];
    if (word !== undefined) watch.hear(second * 1e6, word);
    const found = watch.look({ now: second * 1e6 });
    if (found !== undefined) return { at: second, ...found };
  }
  return undefined;
}

describe('a value of a query in words', () => {
  it('has its labels, where it has any', () => {
    expect(sampleText('up', { metric: {}, labels: '{zone="a"}', value: 0.25 })).to.equal('up {zone="a"} was 0.25');
    expect(sampleText('sum(up)', { metric: {}, labels: '', value: 1 / 3 })).to.equal('sum(up) was 0.333333');
  });
});

describe('the abort condition prometheus', () => {
  it('is met when every answer of its time was past the limit', () => {
    expect(firstMet([WITHIN, PAST, PAST, PAST, PAST, PAST])).to.deep.equal({
      at: 25,
      condition: 'prometheus',
      measured: 'sum( rate(x[1m]) ) {zone="a"} was 0.312346',
      since: 5_000_000,
      limit: 'at most 0.2, past it for 20s',
      graceMs: 20_000,
    });
  });

  it('is not met when it was well in between', () => {
    expect(firstMet([PAST, PAST, PAST, PAST, WITHIN, PAST, PAST, PAST, PAST])).to.equal(undefined);
  });

  it('is met by answers past the limit though some in between told nothing, and not by their silence', () => {
    expect(firstMet([PAST, NOTHING, NOTHING, NOTHING, PAST])?.at).to.equal(20);
    expect(firstMet([PAST, PAST, NOTHING, NOTHING, NOTHING, WITHIN])).to.equal(undefined);
  });

  it('is met when nothing was told for its time, at least for 30 s, and says why', () => {
    expect(firstMet([WITHIN, WITHIN, NOTHING, NOTHING], 60)).to.deep.equal({
      at: 35,
      condition: 'prometheus',
      measured: 'sum( rate(x[1m]) ) has told nothing (it has no value)',
      since: 5_000_000,
      limit: '30s',
      graceMs: 30_000,
    });
    expect(firstMet([], 60)).to.deep.include({ at: 30, since: 0, limit: '30s' });
    expect(firstMet([], 60)?.measured).to.contain('no answer yet');
  });

  it('is met exactly when answers past the limit span its time with none within it, or nothing came for 30 s', () => {
    const word = fc.constantFrom(WITHIN, PAST, PAST, NOTHING);
    /** By all words so far: the second look at the same rule, from the end backwards. */
    const isMet = (words: readonly QueryWord[]): boolean => {
      const told = words.findLastIndex((one) => one !== NOTHING);
      const first = words.lastIndexOf(WITHIN) + 1;
      const past = words.flatMap((one, index) => (index >= first && one === PAST ? [index] : []));
      const span = (past.at(-1) ?? 0) - (past[0] ?? 0);
      return span * 5 >= 20 || (words.length - 1 - Math.max(0, told)) * 5 >= 30;
    };
    fc.assert(
      fc.property(fc.array(word, { minLength: 1, maxLength: 30 }), (words) => {
        const index = words.findIndex((_, at) => isMet(words.slice(0, at + 1)));
        const expected = index < 0 ? undefined : index * 5;
        expect(firstMet(words, (words.length - 1) * 5)?.at).to.equal(expected);
      }),
    );
  });
});
