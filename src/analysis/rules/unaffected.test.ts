import { expect } from 'chai';
import fc from 'fast-check';
import type { Finding, Verdict } from '../../model/finding.ts';
import type { Place } from '../../model/place.ts';
import {
  type Change,
  dropped,
  due,
  edit,
  every,
  firstOf,
  type Is,
  lost,
  lying,
  reset,
  scattered,
  sentAt,
  through,
} from '../testing/changes.ts';
import { findingOf, type Handmade, judged } from '../testing/handmade.ts';
import { holds, rates, seeds } from '../testing/holds.ts';
import { pathOf, ZONES } from '../testing/world.ts';

type Edits = readonly (readonly [Is, Change])[];

/** A path that should not notice the fault on north-a. */
const FAR = 'north-c';

async function found(
  edits: Edits,
  run: Handmade = {},
  except: readonly Place[] = [{ zone: 'north-a' }],
): Promise<Finding> {
  const expectations = { ...run.expect, unaffected: { except } };
  const result = await judged({ ...run, expect: expectations, records: (all) => edit(all, ...edits) });
  return findingOf(result, `unaffected/${pathOf(FAR)}`);
}

const verdictOf = async (edits: Edits, run: Handmade = {}): Promise<Verdict> => (await found(edits, run)).verdict;
const traffic = fc.record({ seed: seeds, rate: rates });
/** The fault is on from 10 to 30 s. */
const inside = fc.double({ min: 11, max: 28, noNaN: true });

describe('docs/verdict.md 9: unaffected', () => {
  it('U1 a path without a bad request while the fault is on passes, whatever it was before or after', () =>
    holds(
      traffic,
      async (run) => {
        expect(await verdictOf([], run)).to.equal('pass');
        for (const [from, to] of [
          [4, 5],
          [34, 36],
        ] as const) {
          expect(await verdictOf([[due(FAR, from, to), reset()]], run)).to.equal('pass');
        }
      },
      3,
    ));

  it('U1 an outage fails it', () =>
    holds(fc.tuple(traffic, inside), async ([run, from]) => {
      const { verdict, cause, measured } = await found([[due(FAR, from, from + 0.9), reset()]], run);
      expect(verdict).to.equal('fail');
      expect(cause).to.match(
        /^\d+ of \d+ requests bad while the fault was on; most often reset \(\d+ times, seen by gateway tokyo\/north-c\)$/,
      );
      expect(measured?.lo).to.be.within(0.9 * run.rate - 1, 0.9 * run.rate + 1);
    }));

  it('U1 an outage fails it on a path that always had some noise, too', () =>
    holds(fc.tuple(seeds, inside), async ([seed, from]) => {
      const noise = [every(33, due(FAR, 0, 10)), reset()] as const;
      expect(await verdictOf([noise, [due(FAR, from, from + 0.5), reset()]], { seed })).to.equal('fail');
    }));

  it('U1 scattered errors fail it when they are more than the path’s own noise explains', () =>
    holds(seeds, async (seed) => {
      expect(await verdictOf([[scattered(due(FAR, 10.5, 30)), reset()]], { seed })).to.equal('fail');
    }));

  it('U1 as many errors as before pass where the path erred before', () =>
    holds(fc.record({ seed: seeds, n: fc.integer({ min: 26, max: 50 }) }), async ({ seed, n }) => {
      const { verdict, story } = await found([[every(n, due(FAR, 0.5, 45)), reset()]], { seed });
      expect(verdict).to.equal('pass');
      expect(story).to.match(
        /^\d+ of \d+ requests on .* were bad while the fault was on, no more often than before it\.$/,
      );
    }));

  it('U1 clearly more errors than before are open, before they are so many that they fail it', () =>
    holds(
      fc.record({ seed: seeds, n: fc.integer({ min: 19, max: 22 }) }),
      async ({ seed, n }) => {
        const [few, more] = [every(100, due(FAR, 0, 10)), every(n, due(FAR, 10, 30))];
        const { verdict, cause } = await found(
          [
            [few, reset()],
            [more, reset()],
          ],
          { seed },
        );
        expect(verdict).to.equal('inconclusive');
        expect(cause).to.match(/; before the fault 2 of 200: that may be noise, or not$/);
      },
      4,
    ));

  it('U1 a few errors are open where the path had not erred before, whatever others had', () =>
    holds(fc.record({ seed: seeds, rate: rates, at: inside, bad: fc.integer({ min: 1, max: 2 }) }), async (one) => {
      const { at, bad, ...run } = one;
      const few = (): Edits =>
        [...Array(bad).keys()].map((i) => [firstOf(1, due(FAR, 11 + ((at + 7 * i) % 17), 30)), reset()] as const);
      const others = ZONES.filter((zone) => zone !== FAR).map(
        (zone) => [every(40, due(zone, 0.5, 45)), reset()] as const,
      );
      for (const before of [[], others]) {
        const { verdict, cause } = await found([...before, ...few()], run);
        expect(verdict).to.equal('inconclusive');
        expect(cause).to.match(/; before the fault 0 of \d+: that may be noise, or not$/);
      }
    }));

  it('U1 an outage from before the fault is not blamed on it, and keeps the path from passing', () =>
    holds(fc.tuple(traffic, fc.double({ min: 7, max: 9, noNaN: true })), async ([run, from]) => {
      const { verdict, cause } = await found([[due(FAR, from, 12), reset()]], run);
      expect([verdict, cause]).to.deep.equal(['inconclusive', 'it was failing already when the fault came']);
    }));

  it('U1 what is not known while the fault is on keeps it from passing, and hides no outage that was seen', () =>
    holds(
      fc.tuple(traffic, inside, fc.constantFrom(dropped, lost)),
      async ([run, from, how]) => {
        const gone = (a: number, b: number): Edits => [[firstOf(3, due(FAR, a, b)), how]];
        const open = await found(gone(from, 30), run);
        expect([open.verdict, open.cause]).to.deep.equal(['inconclusive', '3 requests unknown']);
        expect(await verdictOf(gone(3, 6), run)).to.equal('pass');
        expect(await verdictOf(gone(36, 40), run)).to.equal('pass');
        const seen: Edits = [[due(FAR, 12, 13), reset()], ...gone(from < 20 ? 20 : 14, 30)];
        expect(await verdictOf(seen, run)).to.equal('fail');
      },
      3,
    ));

  it('U1 records that end before the fault does are not known', () =>
    holds(
      fc.tuple(traffic, fc.double({ min: 12, max: 28, noNaN: true })),
      async ([run, end]) => {
        const { verdict, cause } = await found([[due(FAR, end, 99), lost]], run);
        expect(verdict).to.equal('inconclusive');
        expect(cause).to.match(/^\d+ requests unknown$/);
      },
      3,
    ));

  it('U1 a silence may hide an outage as long', () =>
    holds(
      fc.tuple(traffic, inside),
      async ([run, from]) => {
        const stall = (t: number): Edits => [[due(FAR, t, t + 0.7), sentAt(t + 0.7)]];
        const { verdict, cause } = await found(stall(from), run);
        expect(verdict).to.equal('inconclusive');
        expect(cause).to.match(/^nothing was sent for 0\.[67]\d\d s, which may hide an outage as long$/);
        expect(await verdictOf(stall(36), run)).to.equal('pass');
      },
      3,
    ));

  it('U1 concerns the paths outside the exceptions, named by zone, by region or by cluster', async () => {
    const subjects = async (...except: Place[]): Promise<string[]> => {
      const { findings } = await judged({ expect: { unaffected: { except } } });
      return findings.filter(({ objective }) => objective === 'unaffected').map(({ subject }) => subject);
    };
    expect(await subjects({ zone: 'north-a' })).to.deep.equal(ZONES.slice(1).map(pathOf));
    expect(await subjects({ region: 'north' })).to.deep.equal(ZONES.slice(3).map(pathOf));
    expect(await subjects({ zone: 'south-h' }, { region: 'north' })).to.deep.equal([pathOf('south-k')]);
    expect(await subjects({ cluster: 'tokyo' })).to.deep.equal(ZONES.slice(3).map(pathOf));
    expect(await subjects({ zone: 'north-a', cluster: 'osaka' })).to.deep.equal(ZONES.map(pathOf));
  });

  it('U1 is open where there is nothing to compare with, nothing was injected, or the fault is not established', async () => {
    const one = async (
      run: Handmade,
      ...except: Place[]
    ): Promise<readonly [Verdict | undefined, string | undefined]> => {
      const { findings } = await judged({ ...run, expect: { unaffected: { except } } });
      const finding = findings.find(({ objective }) => objective === 'unaffected');
      return [finding?.verdict, finding?.cause];
    };
    const regions = [{ region: 'north' }, { region: 'south' }];
    expect(await one({}, ...regions)).to.deep.equal(['inconclusive', 'no path outside `except`']);
    expect(await one({ status: 'refused' })).to.deep.equal(['inconclusive', 'nothing was injected']);
    const unproven = { effective: null };
    expect(await verdictOf([], unproven)).to.equal('inconclusive');
    expect(await verdictOf([[due(FAR, 12, 14), reset()]], unproven)).to.equal('inconclusive');
  });

  it('U2 calls that leave their own zone while the fault is on fail it, and are named', () =>
    holds(
      fc.tuple(traffic, fc.double({ min: 11, max: 24, noNaN: true }), fc.constantFrom('north-b', 'south-h')),
      async ([run, from, place]) => {
        const { verdict, cause } = await found([[due(FAR, from, from + 5), through(FAR, place, place)]], run);
        expect(verdict).to.equal('fail');
        expect(cause).to.match(new RegExp(`; \\d+ of \\d+ calls of mockb from ${FAR} went to ${place}$`));
        expect(await verdictOf([[due(FAR, 33, 44), through(FAR, place, place)]], run)).to.equal('pass');
      },
    ));

  it('U2 what crossed zones before the fault may cross them as often while it is on', () =>
    holds(
      fc.record({ seed: seeds, n: fc.integer({ min: 3, max: 8 }) }),
      async ({ seed, n }) => {
        const crossing = (from: number, to: number) =>
          [every(n, due(FAR, from, to)), through(FAR, 'north-b', 'north-b')] as const;
        expect(await verdictOf([crossing(0, 45)], { seed })).to.equal('pass');
        expect(await verdictOf([crossing(0, 10)], { seed })).to.equal('pass');
        expect(await verdictOf([crossing(11, 30)], { seed })).to.equal('fail');
        // More than before is more than before.
        const all = [due(FAR, 14, 28), through(FAR, 'north-b', 'north-b')] as const;
        expect(await verdictOf([crossing(0, 45), all], { seed })).to.equal('fail');
      },
      4,
    ));

  it('U2 asks for the share of the steady state where the scenario names one', () =>
    holds(
      traffic,
      async (run) => {
        const some: Edits = [[every(4, due(FAR, 11, 30)), through(FAR, 'north-b', 'north-b')]];
        const asked = (sameZoneAtLeast: number): Handmade => ({
          ...run,
          expect: { steadyState: { goodAtLeast: 0.9, sameZoneAtLeast } },
        });
        expect(await verdictOf(some, asked(0.7))).to.equal('pass');
        expect(await verdictOf(some, asked(0.99))).to.equal('fail');
        expect(await verdictOf(some, run)).to.equal('fail');
      },
      3,
    ));

  it('U2 is open when answers print another zone than that of their address', () =>
    holds(
      traffic,
      async (run) => {
        const { verdict, cause } = await found([[due('south-h', 5, 6), lying('south-k')]], run);
        expect(verdict).to.equal('inconclusive');
        expect(cause).to.match(/^\d+ answers? of mockb at 10\.1\.3\.\d say south-k, but that address is in south-h/);
      },
      3,
    ));
});
