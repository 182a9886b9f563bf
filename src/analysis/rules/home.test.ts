import { expect } from 'chai';
import fc from 'fast-check';
import type { Finding, Verdict } from '../../model/finding.ts';
import type { RunResult } from '../../model/result.ts';
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
  sentAt,
  through,
} from '../testing/changes.ts';
import { findingOf, type Handmade, judged } from '../testing/handmade.ts';
import { holds, rates, seeds } from '../testing/holds.ts';
import { faultOn, ZONES } from '../testing/world.ts';

type Edits = readonly (readonly [Is, Change])[];

/** Undone at 31 s; the run ends at 45 s. */
const UNDONE = 31;
const traffic = fc.record({ seed: seeds, rate: rates });

/** Callers in north-a are served next door until this second. */
const awayUntil = (t: number): Handmade => ({ callers: { 'north-a': { failures: [[10.2, 10.5]], away: [10.2, t] } } });

async function judgedHome(run: Handmade, limit: number, edits: Edits = []): Promise<RunResult> {
  const expectations = { ...run.expect, failback: { withinMs: limit * 1000 } };
  return judged({ ...run, expect: expectations, records: (all) => edit(all, ...edits) });
}

async function found(run: Handmade, limit: number, edits: Edits = []): Promise<Finding> {
  return findingOf(await judgedHome(run, limit, edits), 'failback/mockb/north-a');
}

const verdictOf = async (run: Handmade, limit: number, edits: Edits = []): Promise<Verdict> =>
  (await found(run, limit, edits)).verdict;

/** The finding where nobody's way home can be told. */
async function nobody(run: Handmade, edits: Edits = []): Promise<readonly [Verdict, string]> {
  const { verdict, title } = findingOf(await judgedHome(run, 5, edits), 'failback/callers');
  return [verdict, title];
}

/** One pod in two is hit, and everybody is served by the other one, at home. */
const HALF_HIT: Handmade = {
  fault: faultOn('north-a', 1),
  callers: { 'north-a': { isPartial: true, away: [10.2, 32] } },
  place: () => 'north-a',
};

describe('docs/verdict.md 11: the way home', () => {
  it('H1 is measured from the end of the undo to the first call of the run at home', () =>
    holds(
      fc.tuple(traffic, fc.double({ min: 31.6, max: 38, noNaN: true }), fc.double({ min: 0.5, max: 9, noNaN: true })),
      async ([run, home, limit]) => {
        const { verdict, measured } = await found({ ...awayUntil(home), ...run }, limit);
        const { lo = -1, hi = -1 } = measured ?? {};
        expect(home - UNDONE).to.be.within(lo - 0.01, (hi ?? -1) + 0.01);
        expect((hi ?? -1) - lo).to.be.below(1 / run.rate + 0.1);
        expect(verdict).to.equal(lo > limit ? 'fail' : (hi ?? 99) <= limit ? 'pass' : 'inconclusive');
      },
      12,
    ));

  it('H1 who was home before the undo had ended came home in no time', () =>
    holds(
      traffic,
      async (run) => {
        const { verdict, measured } = await found({ ...awayUntil(30.4), ...run }, 0.1);
        expect([verdict, measured]).to.deep.equal(['pass', { lo: 0, hi: 0, unit: 's' }]);
      },
      3,
    ));

  it('H1 who is still away when the time is over has failed, and is said to be where', () =>
    holds(fc.tuple(traffic, fc.constantFrom('north-b', 'south-h'), fc.integer({ min: 2, max: 12 })), async (one) => {
      const [run, place, limit] = one;
      const { verdict, measured, cause } = await found({ ...awayUntil(99), ...run, place: () => place }, limit);
      expect([verdict, measured?.hi]).to.deep.equal(['fail', null]);
      expect(cause).to.match(new RegExp(`^still away; (\\d+) of \\1 calls of mockb from north-a went to ${place}$`));
    }));

  it('H1 a run that ends before the time is over leaves it open', () =>
    holds(
      fc.tuple(traffic, fc.integer({ min: 15, max: 30 })),
      async ([run, limit]) => {
        const { verdict, cause } = await found({ ...awayUntil(99), ...run }, limit);
        expect([verdict, cause]).to.deep.equal(['inconclusive', 'the run ended before it could be seen']);
      },
      3,
    ));

  for (const [share, n] of [
    ['four fifths', 5],
    ['six sevenths', 7],
  ] as const) {
    it(`H1 where ${share} of the calls were at home before there was no home, wherever they are after`, () =>
      holds(fc.tuple(traffic, fc.constantFrom(32, 36, 99)), async ([run, home]) => {
        const before: Edits = [[every(n, due('north-a', 0, 10)), through('north-a', 'north-b', 'north-b')]];
        const told = ['inconclusive', 'There was no home to come back to'];
        expect(await nobody({ ...awayUntil(home), ...run }, before)).to.deep.equal(told);
        const { failbacks, findings } = await judgedHome({ ...awayUntil(home), ...run }, 5, before);
        expect(failbacks).to.deep.equal([]);
        const ids = findings.filter(({ objective }) => objective === 'failback').map(({ id }) => id);
        expect(ids).to.deep.equal(['failback/callers']);
      }));
  }

  it('H1 where more than nine tenths of them were, there was', () =>
    holds(
      fc.tuple(traffic, fc.integer({ min: 12, max: 20 })),
      async ([run, n]) => {
        const before: Edits = [[every(n, due('north-a', 0, 10)), through('north-a', 'north-b', 'north-b')]];
        expect(await verdictOf({ ...awayUntil(32), ...run }, 5, before)).to.equal('pass');
        expect(await verdictOf({ ...awayUntil(99), ...run }, 5, before)).to.equal('fail');
      },
      3,
    ));

  it('H1 nobody who had a home left it: pass; nobody had one: open', () =>
    holds(
      traffic,
      async (run) => {
        expect(await nobody({ ...HALF_HIT, ...run })).to.deep.equal(['pass', 'Nobody left home']);
        const scattered = ZONES.map((zone, i) => {
          const [a = '', b = '', c = ''] = [1, 2, 3].map((step) => ZONES[(i + step) % ZONES.length]);
          return [every(5, due(zone, 0, 10)), through(a, b, c)] as const;
        });
        const told = ['inconclusive', 'There was no home to come back to'];
        expect(await nobody({ ...HALF_HIT, ...run }, scattered)).to.deep.equal(told);
      },
      3,
    ));

  it('H1 callers whose whole home was taken away had to leave, though nobody was seen elsewhere', () =>
    holds(fc.tuple(traffic, fc.double({ min: 32.5, max: 37, noNaN: true })), async ([run, home]) => {
      const cut: Handmade = { ...run, callers: { 'north-a': { failures: [[10.2, home]] } } };
      const { verdict, story } = await found(cut, home - UNDONE + 0.4);
      expect(verdict).to.equal('pass');
      expect(await verdictOf(cut, home - UNDONE - 0.4)).not.to.equal('pass');
      expect(story).to.match(/^Calls of mockb from north-a were home again /);
    }));

  it('H1 a stray or two after coming home are no way out again, one in twenty is', () =>
    holds(fc.tuple(traffic, fc.double({ min: 36, max: 43, noNaN: true })), async ([run, at]) => {
      const home = { ...awayUntil(32), ...run };
      const stray = through('north-a', 'north-b', 'north-b');
      expect(await verdictOf(home, 2, [[firstOf(1, due('north-a', at, 45)), stray]])).to.equal('pass');
      const many = await found(home, 2, [[every(20, due('north-a', 33, 45)), stray]]);
      expect([many.verdict, many.measured?.hi ?? null]).not.to.deep.equal(['pass', null]);
      expect(many.verdict).to.equal('fail');
    }));

  it('H1 one call at home is not the way home', () =>
    holds(fc.tuple(seeds, fc.integer({ min: 2, max: 6 })), async ([seed, n]) => {
      const odd: Edits = [[every(n, due('north-a', 31.2, 38)), through('north-a', 'north-a', 'north-a')]];
      const { measured } = await found({ ...awayUntil(38), seed }, 20, odd);
      expect(measured?.lo).to.be.above(6);
    }));

  it('H1 a silence after the undo may hide calls that were away', () =>
    holds(fc.tuple(traffic, fc.double({ min: 34, max: 40, noNaN: true })), async ([run, from]) => {
      const home = { ...awayUntil(32), ...run };
      const stall = (zone: string): Edits => [[due(zone, from, from + 0.8), sentAt(from + 0.8)]];
      expect(await verdictOf(home, 1.4)).to.equal('pass');
      expect(await verdictOf(home, 1.4, stall('north-a'))).to.equal('inconclusive');
      expect(await verdictOf(home, 3, stall('north-a'))).to.equal('pass');
      expect(await verdictOf(home, 1.4, stall('south-k'))).to.equal('pass');
    }));

  it('H1 unknown requests after the undo request keep it from passing, and save nobody from failing', () =>
    holds(
      fc.tuple(traffic, fc.integer({ min: 31, max: 42 }), fc.constantFrom(dropped, lost)),
      async (one) => {
        const [run, at, how] = one;
        const gone = (t: number): Edits => [[firstOf(1, due('north-b', t, 45)), how]];
        const home = { ...awayUntil(32), ...run };
        const { verdict, cause } = await found(home, 5, gone(at));
        expect(verdict).to.equal('inconclusive');
        expect(cause).to.match(/^1 request after the undo unknown$/);
        expect(await verdictOf(home, 5, gone(20))).to.equal('pass');
        expect(await verdictOf({ ...awayUntil(99), ...run }, 5, gone(at))).to.equal('fail');
        expect(await verdictOf(home, 5, [[due('north-b', at, 99), lost]])).to.equal('inconclusive');
      },
      4,
    ));

  it('H1 is open without an undo, without a fault that is established, and when answers lie about their zone', async () => {
    const unproven = { ...awayUntil(99), effective: null };
    expect(await verdictOf(unproven, 5)).to.equal('inconclusive');
    expect(await nobody({ ...HALF_HIT, effective: null })).to.deep.equal([
      'inconclusive',
      'It is not known whether anybody left home',
    ]);
    expect(await nobody({ ...awayUntil(32), status: 'refused' })).to.deep.equal([
      'inconclusive',
      'Nobody could come home',
    ]);
    const lie: Edits = [[due('south-h', 5, 6), lying('south-k')]];
    expect(await verdictOf(awayUntil(32), 5, lie)).to.equal('inconclusive');
    expect(await verdictOf(awayUntil(99), 5, lie)).to.equal('inconclusive');
  });

  it('H2 a path that stops calling from the zone while others go on does not keep it open', () =>
    holds(fc.tuple(traffic, fc.double({ min: 31.5, max: 36, noNaN: true })), async ([run, stop]) => {
      const home = { ...awayUntil(32), ...run };
      const crossing = (until: number): Edits => [
        [due('north-b', 12, until), through('north-a', 'north-b', 'north-b')],
      ];
      const { verdict, measured } = await found(home, 8, crossing(stop));
      expect(verdict).to.equal('pass');
      // The last of its calls was still away, so the zone was not home before.
      expect(measured?.hi ?? -1).to.be.within(Math.max(32, stop) - UNDONE - 0.2, Math.max(32, stop) - UNDONE + 0.2);
      expect(await verdictOf(home, stop - UNDONE - 0.3, crossing(stop))).not.to.equal('pass');
      // One that goes on calling from there, and is away, keeps it open.
      expect(await verdictOf(home, 8, crossing(99))).to.equal('fail');
    }));

  it('H2 where nobody calls from the zone any more, nobody was seen to come home', () =>
    holds(fc.tuple(traffic, fc.double({ min: 30.2, max: 34, noNaN: true })), async ([run, stop]) => {
      const moved: Edits = [[due('north-a', stop, 99), through('north-b', 'north-b', 'north-b')]];
      const { verdict, cause } = await found({ ...awayUntil(99), ...run }, 8, moved);
      expect([verdict, cause]).to.deep.equal(['inconclusive', 'the run ended before it could be seen']);
    }));

  it('H2 one that was home for less than a handful of calls has not brought the others home', () =>
    holds(
      traffic,
      async (run) => {
        const few: Edits = [
          [due('north-a', 30.5, 99), through('north-b', 'north-b', 'north-b')],
          [due('north-b', 12, 33), through('north-a', 'north-b', 'north-b')],
          [firstOf(3, due('north-c', 36, 99)), through('north-a', 'north-a', 'north-a')],
        ];
        expect(await verdictOf({ ...awayUntil(99), ...run }, 8, few)).not.to.equal('pass');
      },
      3,
    ));
});
