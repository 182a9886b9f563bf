import { expect } from 'chai';
import { findingOf } from '../testing/handmade.ts';
import type { HistoryBuilder } from '../testing/history-builder.ts';
import { always } from '../testing/holds.ts';
import { failing, micros, type Story, second, told, word } from '../testing/told.ts';
import { faultOn, pathOf } from '../testing/world.ts';

const ID = `recoveryTime/${pathOf('north-a')}`;
/** Another fault, in another region, on the first of two pods; callers in north-a are served there only where a story says so. */
const ELSEWHERE = faultOn('south-k', 1);
const LATER = faultOn('south-k').affected.slice(1);

type Run = {
  readonly rate: number;
  readonly seed: number;
  /** The time of the effect of the fault at home. */
  readonly at: number;
  readonly stories: Readonly<Record<string, Story>>;
  /** When the fault at home acted again. */
  readonly again?: readonly number[];
  /** When the one elsewhere did. */
  readonly elsewhere?: readonly number[];
};

/** The recovery of the path of north-a, which may take four seconds. */
async function recovery({ again = [], elsewhere = [], at, stories, ...run }: Run) {
  const act = { type: 'fault', step: 'went-on' } as const;
  const events = (history: HistoryBuilder): void => {
    for (const t of again) {
      history.at(micros(t), { ...act, fault: 'mockb-north-a', affected: faultOn('north-a').affected.slice(1) });
    }
    if (elsewhere.length > 0) second(ELSEWHERE.name, 10.05, at + 0.1 - 10.05)(history);
    for (const t of elsewhere) history.at(micros(t), { ...act, fault: ELSEWHERE.name, affected: LATER });
  };
  const south: Story = (t) => (t < at || t >= 32 ? undefined : { zone: 'south-h' });
  const headers = elsewhere.length > 0 ? [ELSEWHERE] : [];
  const whole = { ...run, ...word(at + 0.3), withinMs: 4000, headers, events };
  const { result } = await told({
    ...whole,
    stories: { ...stories, ...(elsewhere.length > 0 && { 'south-k': south }) },
  });
  return findingOf(result, ID);
}

describe('rules: T0 and recovery after a fault has acted again (docs/verdict.md, T3)', () => {
  it('T3 counts the lateness of an outage from the last act before it, as long ago as that was', () =>
    always(async ({ rate, seed, at }) => {
      const run = { rate, seed, at, stories: { 'north-a': failing(at, [at, at + 0.5], [at + 9, at + 10]) } };
      expect((await recovery({ ...run, again: [at + 8.9] })).verdict).to.equal('pass');
      expect((await recovery({ ...run, again: [at + 1] })).verdict).to.equal('fail');
      expect((await recovery({ ...run, again: [at + 1, at + 8.9] })).verdict).to.equal('pass');
    }));

  it('T3 gives a later act the two seconds in which its pods may still answer', () =>
    always(async ({ rate, seed, at }) => {
      const run = { rate, seed, at, stories: { 'north-a': failing(at, [at, at + 0.5], [at + 9, at + 10]) } };
      const { verdict, measured } = await recovery({ ...run, again: [at + 5] });
      expect(verdict).to.equal('inconclusive');
      expect(measured?.lo).to.be.within(2.5, 3);
      expect(measured?.hi).to.be.within(5, 5.5);
    }));

  it('T3 asks nothing of a fault whose pods no request of the path passes', () =>
    always(async ({ rate, seed, at }) => {
      const home = failing(at, [at, at + 0.5], [at + 9, at + 10]);
      const run = { rate, seed, at, elsewhere: [at + 8.9] };
      expect((await recovery({ ...run, stories: { 'north-a': home } })).verdict).to.equal('fail');
      const there: Story = (t, seq) => (t >= at + 7 && t < at + 8 ? { zone: 'south-k', pod: 1 } : home(t, seq));
      const { verdict } = await recovery({ ...run, stories: { 'north-a': there } });
      expect(verdict, 'they had gone there').to.equal('pass');
    }));
});
