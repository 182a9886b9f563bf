import { expect } from 'chai';
import fc from 'fast-check';
import type { RunResult } from '../../model/result.ts';
import { steadyStateOf } from '../index.ts';
import { normalise } from '../ingest/chains.ts';
import { type Change, due, edit, every, firstOf, type Is, reset, status, through } from '../testing/changes.ts';
import { findingOf, type Handmade, judged } from '../testing/handmade.ts';
import { holds, rates, seeds } from '../testing/holds.ts';
import { ipOf, pathOf } from '../testing/world.ts';

type Edits = readonly (readonly [Is, Change])[];

const NORTH_A = pathOf('north-a');
const TEXTS = ['self-signed certificate in certificate chain', 'read ECONNRESET'] as const;
const AWAY: Handmade = { callers: { 'north-a': { away: [10.2, 32] } } };
const traffic = fc.record({ seed: seeds, rate: rates });

const run = (edits: Edits, of: Handmade = AWAY): Promise<RunResult> =>
  judged({ texts: TEXTS, ...of, records: (all) => edit(all, ...edits) });

const causeOf = (result: RunResult, id: string): string => findingOf(result, id).cause ?? '';

describe('docs/verdict.md 12: causes', () => {
  /** From ten seconds on, more of the first text than of the second. */
  const mixed = (from: number, to: number, path = 'north-a'): Edits => [
    [due(path, from, to), reset(0)],
    [every(3, due(path, from, to)), reset(1)],
  ];
  const words = (place = 'gateway tokyo/north-a'): RegExp =>
    new RegExp(
      `most often reset: self-signed certificate in certificate chain \\(\\d+ of \\d+ failures, seen by ${place}\\)$`,
    );

  it('X1 a recovery that failed names the commonest failure, in the error’s own words, and its place', () =>
    holds(fc.tuple(traffic, fc.integer({ min: 18, max: 31 })), async ([one, to]) => {
      const expectations = { recoveryTime: { withinMs: 5000, consecutive: 5, lastingMs: 1000 } };
      const result = await run(mixed(10.2, to), { ...AWAY, ...one, expect: expectations });
      expect(causeOf(result, `recoveryTime/${NORTH_A}`)).to.match(words());
    }));

  it('X1 a path that has recovered and fails again when the stage ends says so, with the failures of that time', () =>
    holds(fc.tuple(traffic, fc.double({ min: 27.5, max: 28.5, noNaN: true })), async ([one, from]) => {
      const edits: Edits = [
        [due('north-a', 10.2, 13), status(503)],
        [due('north-a', from, 32), reset(0)],
      ];
      const expectations = { recoveryTime: { withinMs: 5000, consecutive: 5, lastingMs: 1000 } };
      const result = await run(edits, { ...AWAY, ...one, expect: expectations });
      const { title, cause, story } = findingOf(result, `recoveryTime/${NORTH_A}`);
      expect(title).to.contain('failed again');
      expect(story).to.contain('failed again and had not recovered after').and.to.contain('That outage lasted');
      expect(cause).to.contain('until the stage ended').and.to.contain('most often reset:').and.not.to.contain('503');
    }));

  it('X1 a budget that was exceeded names the commonest failure of whom it speaks of', () =>
    holds(fc.tuple(traffic, fc.double({ min: 10.5, max: 26, noNaN: true })), async ([one, from]) => {
      const edits: Edits = [
        ...mixed(from, from + 3),
        // Another path has fewer, and after the window there are more of something else.
        [due('north-c', from, from + 1), status(503)],
        [due('north-a', 33, 44), status(500)],
      ];
      const expectations = { errorBudget: { perPath: 1, perCaller: 1, ratio: 0.000_1 } };
      const result = await run(edits, { ...AWAY, ...one, expect: expectations });
      for (const kind of ['perPath', 'perCaller', 'ratio']) {
        expect(causeOf(result, `errorBudget/${kind}`)).to.match(words());
      }
      expect(result.budget.groups.map(({ cause }) => cause)).not.to.include('status 500');
      expect(result.budget.groups[0]?.text).to.equal(TEXTS[0]);
    }));

  it('X1 so does one path whose failures are not the commonest of all', () =>
    holds(
      traffic,
      async (one) => {
        // Each of three paths has fewer bad requests than north-a, together they have more.
        const others = ['north-b', 'north-c', 'south-h'].map((zone) => [due(zone, 12, 13.5), status(503)] as const);
        const expectations = { errorBudget: { perPath: 1, perCaller: 1, ratio: 0.000_1 } };
        const result = await run([...mixed(12, 15), ...others], { ...AWAY, ...one, expect: expectations });
        expect(causeOf(result, 'errorBudget/perPath')).to.match(words());
        expect(causeOf(result, 'errorBudget/perCaller')).to.match(words());
        expect(causeOf(result, 'errorBudget/ratio')).to.match(/most often status 503 \(/);
      },
      3,
    ));

  it('X1 a baseline that was not good names the commonest failure of the baseline', () =>
    holds(fc.tuple(traffic, fc.integer({ min: 1, max: 5 })), async ([one, from]) => {
      const edits: Edits = [...mixed(from, from + 4), [due('north-a', 10, 45), status(503)]];
      const result = await run(edits, { ...AWAY, ...one, expect: { steadyState: { goodAtLeast: 0.99 } } });
      const { verdict, cause } = findingOf(result, 'steadyState/good');
      expect(verdict).not.to.equal('pass');
      expect(cause).to.match(words());
    }));

  it('X1 tells failures apart by what went wrong', async () => {
    const slow: Change = (record) => ({ ...record, end: record.due + 1_500_000 });
    const half: Change = (record) => ({ ...record, chain: { hops: record.chain?.hops.slice(0, 2) ?? [], rest: '' } });
    const none: Change = (record) => ({ ...record, chain: { hops: [], rest: '' } });
    const gateway = 'seen by gateway tokyo/north-a';
    for (const [change, text] of [
      [status(503), `status 503 (20 times, ${gateway})`],
      [slow, `slower than 1000 ms (20 times, ${gateway})`],
      [
        half,
        `chain incomplete: mocka > mockb, expected mocka > mockb > mockc (20 times, seen by mockb north-a ${ipOf('mockb', 'north-a', 0)})`,
      ],
      [none, `chain missing, expected mocka > mockb > mockc (20 times, ${gateway})`],
      [reset(), `reset (20 times, ${gateway})`],
    ] as const) {
      const home: Change = (record) => change(through('north-a', 'north-a', 'north-a')(record));
      const result = await run([[due('north-a', 3, 4), home]], { expect: { steadyState: { goodAtLeast: 0.999 } } });
      expect(causeOf(result, 'steadyState/good')).to.contain(`most often ${text}`);
    }
  });

  it('X1 a text that is cut ends with a whole word and an ellipsis', async () => {
    const result = await judged({
      expect: { recoveryTime: { withinMs: 5000, consecutive: 5, lastingMs: 1000 } },
      callers: { 'north-a': { failures: [[10.2, 31]] } },
    });
    expect(causeOf(result, `recoveryTime/${NORTH_A}`)).to.match(
      / connection failure, transport failure… \(\d+ times, /,
    );
    const word = fc.stringMatching(/^[g-z]{1,20}$/);
    fc.assert(
      fc.property(fc.array(word, { minLength: 1, maxLength: 40 }), (all) => {
        const text = all.join(' ');
        const cut = normalise(text);
        if (text.length <= 120) expect(cut).to.equal(text);
        else {
          expect(cut.length).to.be.within(95, 120);
          expect(cut.endsWith('…')).to.equal(true);
          expect(text.startsWith(`${cut.slice(0, -1)} `)).to.equal(true);
        }
      }),
    );
    expect(normalise('x'.repeat(500))).to.equal(`${'x'.repeat(119)}…`);
    expect(normalise(`${'x'.repeat(118)}😀${'x'.repeat(50)}`).isWellFormed()).to.equal(true);
  });
});

describe('docs/verdict.md 12: refusals and strays', () => {
  const steady = (edits: Edits, one: Handmade = {}): Promise<RunResult> =>
    run(edits, {
      status: 'refused',
      reason: 'steady state does not hold',
      ...one,
      callers: {},
      times: { end: 10.5 },
      expect: { steadyState: { goodAtLeast: 0.999, sameZoneAtLeast: 0.99 } },
    });
  const oneBad: Edits = [[firstOf(1, due('north-b', 3, 9)), status(503)]];
  const straying: Edits = [[every(2, due('north-c', 0, 10)), through('north-c', 'south-h', 'north-c')]];
  const outage: Edits = [[due('north-b', 3, 6), status(503)]];
  const oneStray: Edits = [[every(10, due('north-c', 0, 10)), through('north-c', 'north-c', 'north-b')]];

  it('X2 a refusal quotes the worst finding, whichever that is', () =>
    holds(
      seeds,
      async (seed) => {
        const zone = await steady([...oneBad, ...straying], { seed });
        expect(['good', 'sameZone'].map((of) => findingOf(zone, `steadyState/${of}`).verdict)).to.deep.equal([
          'inconclusive',
          'fail',
        ]);
        const { holds: isSteady, detail } = steadyStateOf(zone);
        expect(isSteady).to.equal(false);
        expect(detail).to.match(/^Of the calls of .* calls of mockb from north-c went to south-h\./);
        expect(zone.reasonFinding).to.equal('steadyState/sameZone');
        const good = await steady([...outage, ...oneStray], { seed });
        expect(['good', 'sameZone'].map((of) => findingOf(good, `steadyState/${of}`).verdict)).to.deep.equal([
          'fail',
          'inconclusive',
        ]);
        expect(steadyStateOf(good).detail).to.match(
          /^\d+ of \d+ requests in the baseline were good .* most often status 503 \(.*\)\. entry@tokyo\/north-b: \d+ of \d+ bad\.$/,
        );
        expect(good.reasonFinding).to.equal('steadyState/good');
      },
      3,
    ));

  it('X2 a steady state holds when all its findings pass, and not without any', async () => {
    const rules = { steadyState: { goodAtLeast: 0.99, sameZoneAtLeast: 0.99 } };
    const result = await judged({ status: 'refused', reason: 'no', callers: {}, times: { end: 10.5 }, expect: rules });
    expect(steadyStateOf(result).holds).to.equal(true);
    expect(steadyStateOf(result).detail).to.match(/were good .* were served in the caller's own zone/);
    expect(steadyStateOf({ ...result, findings: [] }).holds).to.equal(false);
  });

  const places = fc.constantFrom('north-a', 'north-b', 'south-k');

  it('X2 a stray names service, caller zone and place: before the fault', () =>
    holds(fc.tuple(seeds, places, fc.integer({ min: 2, max: 6 })), async ([seed, place, n]) => {
      const result = await steady([[every(n, due('north-c', 0, 10)), through('north-c', place, place)]], { seed });
      const text = new RegExp(`; \\d+ of \\d+ calls of mockb from north-c went to ${place}$`);
      expect(causeOf(result, 'steadyState/sameZone')).to.match(text);
    }));

  it('X2 a stray names the worst: where it went most often first', async () => {
    const result = await steady([
      [every(2, due('north-c', 0, 10)), through('north-c', 'south-h', 'north-c')],
      [every(6, due('north-c', 0, 10)), through('north-c', 'north-b', 'north-c')],
      [every(9, due('north-b', 0, 10)), through('north-b', 'north-b', 'south-k')],
    ]);
    expect(causeOf(result, 'steadyState/sameZone')).to.match(
      /calls of mockb from north-c went to south-h and north-b$/,
    );
  });

  it('X2 a stray names service, caller zone and place: at the end', () =>
    holds(fc.tuple(traffic, places, fc.integer({ min: 1, max: 3 })), async ([one, place, n]) => {
      const result = await run([[every(n, due('north-c', 40, 45)), through('north-c', 'north-c', place)]], {
        ...AWAY,
        ...one,
        events: (history) =>
          history.at(31e6, { type: 'phase-start', phase: 'recover' }).at(45e6, { type: 'phase-end', phase: 'recover' }),
      });
      const text = new RegExp(`\\d+ of \\d+ calls of mockc from north-c went to ${place}`);
      expect(findingOf(result, 'steadyState/after').verdict).to.equal('fail');
      expect(causeOf(result, 'steadyState/after')).to.match(text);
    }));
});
