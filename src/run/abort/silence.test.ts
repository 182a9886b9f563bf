import { expect } from 'chai';
import type { AbortCondition } from '../../model/abort.ts';
import { scenarioWith } from '../testing/bench-run.ts';
import { blindGroups, blindWatcher } from './blind.ts';
import { noContactWatcher } from './no-contact.ts';
import { progressOf, seenAt } from './testing/seen.ts';
import type { Seen, Watcher } from './watcher.ts';

/** The first look, in halves of a second from 0.5 s on, at which the condition is met, and what it says. */
function firstMet(watcher: Watcher, seen: (seconds: number) => Seen, until = 60) {
  for (let half = 1; half <= until * 2; half++) {
    const found = watcher.look(seen(half / 2));
    if (found !== undefined) return { at: half / 2, ...found };
  }
  return undefined;
}

describe('the abort condition blind', () => {
  const blind = { kind: 'blind', forMs: 20_000 } as const;
  const share = (path?: string): AbortCondition => ({
    ...({ kind: 'errorShare', above: 0.5, forMs: 10_000 } as const),
    ...(path === undefined ? {} : { path }),
  });
  const path = { request: { method: 'GET', path: '/', headers: {} }, via: 'each-gateway-zone' } as const;
  const paths = [
    { ...path, name: 'entry' },
    { ...path, name: 'pay', ratePerSecond: 0.05 },
  ];
  const load = { ...scenarioWith([]).load, paths };
  const watching = (lagMs = 0, ...others: AbortCondition[]) =>
    blindWatcher(blindGroups(blind, [blind, ...others], load, lagMs), 0);

  it('is met when no request has told anything for so long, and says what the engine says of it', () => {
    const failure = 'The load generator crashed: boom.';
    const found = firstMet(watching(), (second) => {
      const seen = seenAt(second, { good: 10 * Math.min(second, 12), bad: 3 });
      return second < 12 ? seen : { ...seen, load: { ...seen.load, failure } };
    });
    expect(found).to.deep.equal({
      at: 32,
      condition: 'blind',
      measured: 'no request has told anything (The load generator crashed: boom)',
      since: 12_000_000,
      limit: '20s',
      graceMs: 20_000,
    });
  });

  it('is not met by a system that answers with nothing but errors, nor by an engine that takes its time to tell', () => {
    const failing = (second: number) => seenAt(second, { bad: Math.floor(second) });
    expect(firstMet(watching(), failing)).to.equal(undefined);
    const lagging = (second: number) => seenAt(second, { good: second < 21 ? 0 : second });
    expect(firstMet(watching(2_000), lagging)).to.equal(undefined);
    expect(firstMet(watching(), lagging)?.at).to.equal(20);
  });

  it('is met by a load whose requests are all dropped or spoiled by the generator', () => {
    const seen = (second: number) => seenAt(second, { good: 5, bad: second, unknown: second });
    expect(firstMet(watching(), seen)?.at).to.equal(20.5);
  });

  it('is met by one request whose error share is watched, though the others tell', () => {
    const seen = (second: number): Seen => ({
      ...seenAt(second, {}),
      load: progressOf({ 'entry@tokyo/a': { good: 7 }, 'pay@tokyo/a': { good: second } }),
    });
    expect(firstMet(watching(0, share('entry')), seen)?.measured).to.equal('no request of entry has told anything');
    expect(firstMet(watching(0, share()), seen)).to.equal(undefined);
  });

  it('gives a request that is rarely sent the time of three, and of a timeout', () => {
    // One in 20 s: three of them and the timeout of 1 s are 61 s.
    const rare = (until: number) => (second: number) => ({
      ...seenAt(second, {}),
      load: progressOf({
        'entry@tokyo/a': { good: second },
        'pay@tokyo/a': { good: Math.floor(Math.min(second, until) / 20) },
      }),
    });
    expect(firstMet(watching(0, share('pay')), rare(600), 300)).to.equal(undefined);
    expect(firstMet(watching(0, share('pay')), rare(40), 300)).to.include({ at: 101, limit: '1m1s' });
    expect(firstMet(watching(2_000, share('pay')), rare(40), 300)).to.include({ at: 103, limit: '1m3s' });
  });
});

describe('the abort condition noContact', () => {
  const contact = { kind: 'noContact', forMs: 20_000 } as const;

  it('is met when the API of one cluster has not answered for so long, though the other does', () => {
    const found = firstMet(noContactWatcher(contact, 0), (second) =>
      seenAt(
        second,
        {},
        {
          contacts: [
            { cluster: 'tokyo', at: Math.floor(second / 5) * 5e6 },
            { cluster: 'kobe', at: Math.min(10, Math.floor(second / 5) * 5) * 1e6 },
          ],
        },
      ),
    );
    expect(found).to.deep.equal({
      at: 30,
      condition: 'noContact',
      measured: 'the API of cluster kobe has not answered',
      since: 10_000_000,
      limit: '20s',
      graceMs: 20_000,
    });
  });

  it('is not met by one that answers late, or before the load began', () => {
    const late = (second: number) =>
      seenAt(second, {}, { contacts: [{ cluster: 'tokyo', at: Math.floor(second / 19) * 19e6 }] });
    expect(firstMet(noContactWatcher(contact, 0), late)).to.equal(undefined);
  });
});
