import { expect } from 'chai';
import { findingOf } from '../testing/handmade.ts';
import type { HistoryBuilder } from '../testing/history-builder.ts';
import { always } from '../testing/holds.ts';
import { counter } from '../testing/proxies.ts';
import { failing, type Story, told, word } from '../testing/told.ts';
import { pathOf } from '../testing/world.ts';

const ID = `recoveryTime/${pathOf('north-a')}`;

/** A reading of the proxy of mocka in north-a: a time, ejections of mockb so far, hosts ejected then. */
type Reading = readonly [t: number, enforcedTotal: number, active: number];

type Run = {
  readonly rate: number;
  readonly seed: number;
  readonly at: number;
  readonly story: Story;
  readonly readings: readonly Reading[];
  readonly row?: object;
};

/** What comes eleven seconds after the effect is long over before the undo. */
const EARLY = { from: 11, to: 12 };

/** The recovery of the path of north-a, which may take four seconds. */
async function recovery({ rate, seed, at, story, readings, row = {} }: Run) {
  const events = (history: HistoryBuilder): void => {
    for (const [t, total, active] of readings) counter(history, [[t, total]], { ...row, active });
  };
  const { result } = await told({
    rate,
    seed,
    ...word(at + 0.3),
    withinMs: 4000,
    events,
    stories: { 'north-a': story },
  });
  return findingOf(result, ID);
}

describe('rules: a host that is tried again after its ejection (docs/verdict.md, T6)', () => {
  /** Out for half a second, and again eleven seconds later for `long`. */
  const twice = (at: number, long = 0.2): Story => failing(at, [at, at + 0.5], [at + 11, at + 11 + long]);
  const again = (at: number, t = at + 12): Reading[] => [
    [2, 0, 0],
    [at + 0.5, 1, 1],
    [t, 2, 1],
  ];

  it('T6 judges the errors of the trial by their own length, and nothing without a word of the proxies', () =>
    always(async ({ rate, seed, at }) => {
      const run = { rate, seed, at, story: twice(at) };
      const judged = await recovery({ ...run, readings: again(at) });
      expect(judged.verdict, judged.cause).to.equal('pass');
      expect(judged.measured?.hi).to.be.below(2);
      expect((await recovery({ ...run, readings: [] })).verdict).to.not.equal('pass');
      expect((await recovery({ ...run, readings: again(at).slice(0, 2) })).verdict).to.not.equal('pass');
    }, EARLY));

  it('T6 does not shorten what lasts', () =>
    always(async ({ rate, seed, at }) => {
      const { verdict } = await recovery({ rate, seed, at, story: twice(at, 4.5), readings: again(at) });
      expect(verdict).to.equal('fail');
    }, EARLY));

  it('T6 asks for a new ejection that makes no more hosts ejected, at the time of the errors, after ten seconds, in their zone', () =>
    always(async ({ rate, seed, at }) => {
      const run = { rate, seed, at, story: twice(at) };
      const another: Reading[] = [...again(at).slice(0, 2), [at + 12, 2, 2]];
      const flapping: Reading[] = [...again(at).slice(0, 2), [at + 6, 2, 1], [at + 12, 3, 1]];
      for (const [what, readings, row] of [
        ['another host', another],
        ['much later', again(at, at + 15)],
        ['before', again(at, at + 10.9)],
        ['soon after the ejection before', flapping],
        ['elsewhere', again(at), { zone: 'north-b' }],
        ['of another service', again(at), { service: 'mockc' }],
      ] as const) {
        expect((await recovery({ ...run, readings, ...(row && { row }) })).verdict, what).to.not.equal('pass');
      }
    }, EARLY));

  it('T6 sees a host that was let back between two readings', () =>
    always(async ({ rate, seed, at }) => {
      const readings: Reading[] = [...again(at).slice(0, 2), [at + 10.8, 1, 0], [at + 12, 2, 1]];
      expect((await recovery({ rate, seed, at, story: twice(at), readings })).verdict).to.equal('pass');
    }, EARLY));
});
