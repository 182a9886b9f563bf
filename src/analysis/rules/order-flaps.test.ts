import { expect } from 'chai';
import type { Endpoint } from '../../model/target.ts';
import { findingOf } from '../testing/handmade.ts';
import type { HistoryBuilder } from '../testing/history-builder.ts';
import { always, type Draw } from '../testing/holds.ts';
import type { Server } from '../testing/reroute.ts';
import { B, C, FAR, gone, mixed, observed, settled } from '../testing/spills.ts';
import { type Story, type Told, told } from '../testing/told.ts';
import { ORDER } from '../testing/world.ts';

/** What is said of the order of mockb from north-a. */
async function ordered({ rate, seed }: Draw, story: Story, events: NonNullable<Told['events']>) {
  const { result } = await told({
    rate,
    seed,
    events,
    stories: { 'north-a': story },
    expect: { failoverOrder: [ORDER] },
  });
  return findingOf(result, 'failoverOrder/mockb/north-a').verdict;
}

/** The second of the two pods in north-b is not ready. */
const half = (endpoint: Endpoint): readonly Endpoint[] =>
  endpoint.pod === 'mockb-north-b-1' ? [{ ...endpoint, ready: false }] : [endpoint];

/** From 10.5 to 24 s the places change every so often, and back. */
const flapping =
  (every: number, change: (endpoint: Endpoint) => readonly Endpoint[]) =>
  (history: HistoryBuilder): void => {
    for (let i = 0; 10.5 + i * every < 24; i++) {
      observed(10.5 + i * every, i % 2 === 0 ? change : (endpoint) => [endpoint])(history);
    }
    observed(24, (endpoint) => [endpoint])(history);
  };

/** Somewhere from 11 to 24.5 s, and next door after that. */
const until = (place: Story): Story => settled((t, seq) => (t < 24.5 ? place(t, seq) : B));

describe('rules: failover order while places come and go (docs/verdict.md, O1 and O5)', () => {
  for (const every of [0.4, 0.8, 1.6]) {
    it(`O1 asks for what every place asked for in the last second, where one is half there every ${every} s`, () =>
      always(
        async (draw) => {
          const verdictWith = (place: Story) => ordered(draw, until(place), flapping(every, half));
          expect(await verdictWith(() => B)).to.equal('pass');
          expect(await verdictWith(mixed([B, 85], [C, 15]))).to.equal('pass');
          expect(await verdictWith(mixed([B, 30], [C, 70]))).to.equal('fail');
          expect(await verdictWith(() => FAR)).to.equal('fail');
        },
        { rates: [20, 50], runs: 2 },
      ));

    it(`O1 lets callers go as far as the last place of the last second, where one is gone every ${every} s`, () =>
      always(
        async (draw) => {
          const verdictWith = (place: Story) => ordered(draw, until(place), flapping(every, gone('north-b')));
          expect(await verdictWith(() => FAR)).to.equal('fail');
          expect(await verdictWith(mixed([B, 40], [C, 20], [FAR, 40]))).to.equal('fail');
          if (every > 1) return;
          expect(await verdictWith(mixed([B, 50], [C, 50]))).to.equal('pass');
        },
        { rates: [20, 50], runs: 2 },
      ));
  }

  it('O1 gives a change its second where nothing had changed for two', () =>
    always(
      async (draw) => {
        const { at } = draw;
        const verdictWith = (...changes: readonly number[]) => {
          const events = (history: HistoryBuilder): void => {
            changes.forEach((t, i) => {
              observed(t, i % 2 === 0 ? gone('north-b') : (endpoint) => [endpoint])(history);
            });
          };
          const isGone = (t: number): boolean => changes.filter((change) => change <= t).length % 2 === 1;
          const own = settled((t) => (t >= at && t < at + 0.95 ? FAR : isGone(t) ? C : B));
          return ordered(draw, own, events);
        };
        expect(await verdictWith(at)).to.equal('pass');
        expect(await verdictWith(at - 4, at - 2.1, at)).to.equal('pass');
        expect(await verdictWith(at - 1.6, at - 0.8, at)).not.to.equal('pass');
      },
      { from: 17, to: 19, rates: [50] },
    ));

  it('O5 asks for the least of what was asked in the outage at the effect, however the places changed in it', () =>
    always(
      async (draw) => {
        const { at } = draw;
        const events = (history: HistoryBuilder): void => {
          observed(8, half)(history);
          observed(at - 1, (endpoint) => [endpoint])(history);
        };
        const verdictWith = (...parts: readonly (readonly [Server, number])[]) => {
          const failing = mixed(['nobody', 30], ...parts);
          const own: Story = (t, seq) => (t >= 10.5 && t < at ? failing(t, seq) : settled(() => B)(t, seq));
          return ordered(draw, own, events);
        };
        expect(await verdictWith([C, 70])).to.equal('fail');
        expect(await verdictWith([B, 10], [C, 60])).to.equal('fail');
        expect(await verdictWith([B, 50], [C, 20])).to.equal('pass');
        expect(await verdictWith([B, 70])).to.equal('pass');
      },
      { from: 15, to: 17, rates: [20, 50] },
    ));
});
