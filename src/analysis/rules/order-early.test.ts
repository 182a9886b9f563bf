import { expect } from 'chai';
import { findingOf } from '../testing/handmade.ts';
import type { HistoryBuilder } from '../testing/history-builder.ts';
import { always } from '../testing/holds.ts';
import type { Server } from '../testing/reroute.ts';
import { B, C, FAR, gone, mixed, observed, settled } from '../testing/spills.ts';
import { type Story, type Told, told, word } from '../testing/told.ts';
import { ORDER } from '../testing/world.ts';

const HALF: Server = { zone: 'north-a', pod: 1 };

/** What is said of the order of mockb from north-a. */
async function ordered(run: Omit<Told, 'expect'>, shareAtLeast = 0.9) {
  const order = { ...ORDER, order: ORDER.order.map(({ place }) => ({ place, shareAtLeast })) };
  const { result } = await told({ ...run, expect: { failoverOrder: [order] } });
  return findingOf(result, 'failoverOrder/mockb/north-a');
}

/** A rollout takes the first pod at 10.2 s and the last one later: the story says who serves between, and north-b does after it. */
const rollout =
  (last: number, between: Story): Story =>
  (t, seq) => {
    if (t < 10.2 || t >= 32) return { zone: 'north-a', pod: seq % 2 };
    if (t < last) return between(t, seq);
    return t < last + 0.3 ? 'nobody' : B;
  };

describe('rules: failover order before traffic has settled (docs/verdict.md, O1 and O5)', () => {
  it('O1 settles with the outage at the effect: a later one excuses no call before it', () =>
    always(
      async ({ rate, seed, at }) => {
        /** Strays until just before a second outage. */
        const blip = (place: Story): Story => settled((t, seq) => (t >= at && t < at + 0.3 ? 'nobody' : place(t, seq)));
        const verdictWith = async (share: number) => {
          const strays = mixed([B, 100 - share], [FAR, share]);
          const own = blip((t, seq) => (t < at ? strays(t, seq) : B));
          return (await ordered({ rate, seed, stories: { 'north-a': own } })).verdict;
        };
        expect(await verdictWith(45)).to.equal('fail');
        expect(await verdictWith(5)).to.equal('pass');
      },
      { from: 24, to: 27, rates: [20, 50] },
    ));

  it('O1 asks nothing of a later outage and of one second after it, and all again from then on', () =>
    always(
      async ({ rate, seed, at }) => {
        const failing = mixed(['nobody', 60], [FAR, 40]);
        const verdictWith = async (after: number) => {
          const own = settled((t, seq) => {
            if (t < at || t >= at + 2 + after) return B;
            return t < at + 2 ? failing(t, seq) : FAR;
          });
          return (await ordered({ rate, seed, stories: { 'north-a': own } })).verdict;
        };
        expect(await verdictWith(0.9)).to.equal('pass');
        expect(await verdictWith(4)).to.equal('fail');
      },
      { from: 16, to: 18, rates: [20, 50] },
    ));

  it('O1 lets an outage excuse only seconds in which a quarter of the calls failed', () =>
    always(
      async ({ rate, seed, at }) => {
        /** From `from` on for ten seconds so many calls of a hundred fail, and most of the others go far away. */
        const sparse = (from: number, percent: number): Story => {
          const bad = mixed(['nobody', percent], [FAR, 90 - percent], [B, 10]);
          return settled((t, seq) => (t >= from && t < from + 10 ? bad(t, seq) : B));
        };
        const verdictWith = async (story: Story) =>
          (await ordered({ rate, seed, stories: { 'north-a': story } })).verdict;
        expect(await verdictWith(sparse(at, 8)), 'later').to.equal('fail');
        expect(await verdictWith(sparse(11, 8)), 'at the effect').to.equal('fail');
        expect(await verdictWith(sparse(at, 45)), 'many').to.equal('pass');
      },
      { from: 15, to: 17, rates: [20, 50] },
    ));

  it('O5 lets nobody go farther than is allowed while a rollout takes the pods one by one', () =>
    always(
      async ({ rate, seed, at }) => {
        const verdictWith = async (between: Story, more: Partial<Told> = {}) =>
          (await ordered({ rate, seed, ...word(at + 0.1), stories: { 'north-a': rollout(at, between) }, ...more }))
            .verdict;
        expect(await verdictWith(() => HALF)).to.equal('pass');
        expect(await verdictWith(mixed([HALF, 70], [B, 30])), 'the rule of Envoy').to.equal('pass');
        expect(await verdictWith(mixed([HALF, 97], [FAR, 3])), 'strays').to.equal('pass');
        const past = mixed([HALF, 60], [FAR, 40]);
        expect(await verdictWith(past)).to.equal('fail');
      },
      { from: 20, to: 24, rates: [20, 50] },
    ));

  it('O5 gives the mesh one second after the injection, and after the effect', () =>
    always(
      async ({ rate, seed }) => {
        const verdictWith = async (from: number, until: number) => {
          const home = rollout(11.3, () => HALF);
          const near: Story = (t, seq) => (t >= 11.3 && t < 11.6 ? B : home(t, seq));
          const own: Story = (t, seq) => (t >= from && t < until && (seq * 37) % 100 < 60 ? FAR : near(t, seq));
          return (await ordered({ rate, seed, ...word(11.4), stories: { 'north-a': own } })).verdict;
        };
        expect(await verdictWith(10.2, 10.95), 'after the injection').to.equal('pass');
        expect(await verdictWith(11.5, 12.2), 'after the effect').to.equal('pass');
      },
      { rates: [50] },
    ));

  it('O5 asks in a rollout for the places that can serve then', () =>
    always(
      async ({ rate, seed, at }) => {
        const events = (history: HistoryBuilder): void => {
          observed(0.2, gone('north-b'))(history);
          observed(16, (endpoint) => [endpoint])(history);
        };
        const verdictWith = async (until: number) => {
          const past = mixed([HALF, 60], [C, 40]);
          const own = rollout(at, (t, seq) => (t < until ? past(t, seq) : HALF));
          return (await ordered({ rate, seed, ...word(at + 0.1), events, stories: { 'north-a': own } })).verdict;
        };
        expect(await verdictWith(16.9)).to.equal('pass');
        expect(await verdictWith(99)).to.equal('fail');
      },
      { from: 22, to: 24, rates: [20, 50] },
    ));

  it('O5 asks nothing of an outage in a rollout, nor of one second after it', () =>
    always(
      async ({ rate, seed, at }) => {
        const failing = mixed(['nobody', 60], [HALF, 20], [FAR, 20]);
        const verdictWith = async (after: number) => {
          const own = rollout(at, (t, seq) => {
            if (t < 12 || t >= 14 + after) return HALF;
            return t < 14 ? failing(t, seq) : FAR;
          });
          return (await ordered({ rate, seed, ...word(at + 0.1), stories: { 'north-a': own } })).verdict;
        };
        expect(await verdictWith(0.9)).to.equal('pass');
        expect(await verdictWith(4)).to.equal('fail');
      },
      { from: 20, to: 24, rates: [20, 50] },
    ));

  it('O5 leaves open what may be chance, and names the place and the calls', () =>
    always(
      async ({ rate, seed, at }) => {
        const some: Story = (t, seq) => (t > 13 && t < 17 && (seq * 37) % 100 < 30 ? FAR : HALF);
        const story = rollout(at, some);
        const run = { rate, seed, ...word(at + 0.1), stories: { 'north-a': story } };
        const { verdict, cause } = await ordered(run, 0.99);
        expect(verdict).to.equal('inconclusive');
        expect(cause).to.match(/^before traffic had settled, \d+ of \d+ calls of mockb from north-a went to south-h/);
        expect(cause).to.contain('though north-b had healthy endpoints; that may be chance');
      },
      { from: 18, to: 19, rates: [20, 50] },
    ));
});
