import { expect } from 'chai';
import fc from 'fast-check';
import { LEAST_REQUESTS } from '../../model/abort.ts';
import { errorShareWatcher } from './error-share.ts';
import { progressOf, seenAt } from './testing/seen.ts';

const HALF = { kind: 'errorShare', above: 0.5, forMs: 10_000 } as const;

describe('the abort condition errorShare', () => {
  it('is met by the share of a full window, and says what was measured', () => {
    const watcher = errorShareWatcher(HALF, 0);
    const found = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10].map((second) =>
      watcher.look(seenAt(second, { good: 4 * second, bad: 6 * second })),
    );
    expect(found.slice(0, -1)).to.deep.equal(Array(9).fill(undefined));
    expect(found.at(-1)).to.deep.equal({
      condition: 'errorShare',
      measured: '60 of 100 requests were bad (60%)',
      since: 0,
      limit: '50% within 10s',
      graceMs: 10_000,
    });
  });

  it('is not met by a burst that the window outlasts, as a failover has one, nor by the share itself', () => {
    const watcher = errorShareWatcher(HALF, 0);
    let [good, bad] = [0, 0];
    for (let second = 1; second <= 60; second++) {
      if (second > 20 && second <= 25) bad += 10;
      else good += 10;
      expect(watcher.look(seenAt(second, { good, bad })), `${second} s`).to.equal(undefined);
    }
  });

  it('forgets what has left the window', () => {
    const watcher = errorShareWatcher(HALF, 0);
    for (let second = 1; second <= 30; second++) watcher.look(seenAt(second, { good: 1000 * Math.min(second, 20) }));
    const found = watcher.look(seenAt(31, { good: 20_000, bad: 30 }));
    expect(found?.measured).to.equal('30 of 30 requests were bad (100%)');
  });

  it('is of one request through all gateways, or of all requests', () => {
    const load = progressOf({
      'entry@tokyo/a': { good: 90 },
      'pay@tokyo/a': { bad: 30 },
      'pay@tokyo/b': { good: 20 },
      'payment@tokyo/a': { good: 900 },
    });
    const look = (path?: string) =>
      errorShareWatcher({ ...HALF, ...(path === undefined ? {} : { path }) }, 0).look(seenAt(10, {}, { load }));
    expect(look('pay')?.measured).to.equal('30 of 50 requests of pay were bad (60%)');
    expect([look('entry'), look()]).to.deep.equal([undefined, undefined]);
  });

  it('counts nothing that the generator itself has spoiled', () => {
    const spoiled = { good: 40, bad: 80, unknown: 41 };
    expect(errorShareWatcher(HALF, 0).look(seenAt(10, spoiled))).to.equal(undefined);
    expect(errorShareWatcher(HALF, 0).look(seenAt(10, { ...spoiled, unknown: 39 }))).to.not.equal(undefined);
  });

  it('counts nothing of stretches in which somebody stood still, also when that is heard of later', () => {
    const watcher = errorShareWatcher(HALF, 0);
    for (let second = 1; second <= 10; second++) watcher.look(seenAt(second, { good: 10 * Math.min(second, 4) }));
    const doubts = [{ from: 10_000_000, to: 12_500_000 }];
    expect(watcher.look(seenAt(12, { good: 40, bad: 200 }, { doubts }))).to.equal(undefined);
    expect(watcher.look(seenAt(13, { good: 40, bad: 400 }, { doubts }))).to.equal(undefined);
    expect(watcher.look(seenAt(14, { good: 40, bad: 430 }, { doubts }))?.measured).to.contain('30 of 30 requests');
  });

  it('is not met by what is left of a window most of which is in doubt', () => {
    const look = (from: number) => {
      const watcher = errorShareWatcher(HALF, 0);
      for (let second = 1; second <= 9; second++) watcher.look(seenAt(second, {}));
      return watcher.look(seenAt(10, { bad: 100 }, { doubts: [{ from: from * 1e6, to: 8_500_000 }] }));
    };
    expect(look(3.5)).to.equal(undefined);
    expect(look(4.5)?.measured).to.contain('100 of 100 requests');
  });

  it('is met exactly when the requests of a full window say so, and never by fewer than the least number', () => {
    const slice = fc.record({ good: fc.nat(6), bad: fc.nat(6), unknown: fc.nat(3) });
    const runs = fc.array(slice, { minLength: 1, maxLength: 60 });
    fc.assert(
      fc.property(runs, fc.integer({ min: 0, max: 9 }), fc.integer({ min: 2, max: 15 }), (slices, tenths, window) => {
        const watcher = errorShareWatcher({ kind: 'errorShare', above: tenths / 10, forMs: window * 1000 }, 0);
        const sum = (part: readonly (typeof slices)[number][], of: 'good' | 'bad' | 'unknown') =>
          part.reduce((all, one) => all + one[of], 0);
        for (let second = 1; second <= slices.length; second++) {
          const before = slices.slice(0, second);
          const unknown = sum(before, 'unknown');
          const found = watcher.look(
            seenAt(second, { good: sum(before, 'good'), bad: sum(before, 'bad') + unknown, unknown }),
          );
          const own = before.slice(-window);
          const [good, bad] = [sum(own, 'good'), sum(own, 'bad')];
          const isMet = second >= window && good + bad >= LEAST_REQUESTS && 10 * bad > tenths * (good + bad);
          expect(found !== undefined).to.equal(isMet);
          if (found !== undefined) expect(found.since).to.equal((second - window) * 1e6);
        }
      }),
    );
  });

  it('is of a window that is never shorter than its time, however far its looks are apart', () => {
    const gaps = fc.array(fc.integer({ min: 50, max: 900 }), { minLength: 30, maxLength: 60 });
    fc.assert(
      fc.property(gaps, (apart) => {
        const watcher = errorShareWatcher({ ...HALF, forMs: 5_000 }, 0);
        let now = 0;
        for (const gap of apart) {
          now += gap;
          const found = watcher.look(seenAt(now / 1000, { bad: now }));
          expect(found === undefined).to.equal(now < 5_000);
          if (found !== undefined) expect(now - found.since / 1000).to.be.within(5_000, 5_900);
        }
      }),
    );
  });
});
