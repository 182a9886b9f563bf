import { expect } from 'chai';
import type { HistoryEvent } from '../../model/history.ts';
import type { Scenario } from '../../model/scenario.ts';
import { judged } from '../testing/handmade.ts';

const LIMIT = { side: 'above', value: 0.2 } as const;
const NAMED: Pick<Scenario, 'abort' | 'require'> = {
  abort: [
    { kind: 'blind', forMs: 20_000 },
    { kind: 'prometheus', query: 'errors', limit: LIMIT, forMs: 10_000 },
  ],
  require: [{ query: 'ready', limit: { side: 'below', value: 3 } }],
};

type Told = readonly [of: 'abort' | 'require', index: number, second: number, value: number | null];

/** A run whose scenario names two queries that were so. */
function runWith(told: readonly Told[], named = NAMED) {
  return judged({
    times: { end: 100 },
    events: (history) => {
      for (const [of, index, second, value] of told) {
        const limit = of === 'abort' ? LIMIT : ({ side: 'below', value: 3 } as const);
        history.at((second + 0.1) * 1e6, { type: 'query-value', of, index, asked: second * 1e6, limit, value });
      }
    },
    history: (events) =>
      events.map(
        (event): HistoryEvent =>
          event.type === 'run-start'
            ? { ...event, run: { ...event.run, scenario: { ...event.run.scenario, ...named } } }
            : event,
      ),
  });
}

describe('analysis: what the queries of the scenario were', () => {
  it('is told of each that was asked, by its place, each value up to the next one and not for long alone', async () => {
    const { queries } = await runWith([
      ['require', 0, 9, 3],
      ['abort', 1, 5, 0.1],
      ['abort', 1, 10, null],
      ['abort', 1, 15, 0.3],
    ]);
    expect(queries).to.deep.equal([
      {
        of: 'abort',
        index: 1,
        query: 'errors',
        limit: LIMIT,
        values: [
          { at: 5e6, until: 10e6, value: 0.1 },
          { at: 10e6, until: 15e6, value: null },
          { at: 15e6, until: 25e6, value: 0.3 },
        ],
      },
      {
        of: 'require',
        index: 0,
        query: 'ready',
        limit: { side: 'below', value: 3 },
        values: [{ at: 9e6, until: 19e6, value: 3 }],
      },
    ]);
  });

  it('is bounded in a long run, and loses neither a value past the limit nor a gap', async () => {
    const values = Array.from({ length: 1000 }, (_, at): number | null => (at === 500 ? 0.9 : at === 700 ? null : 0.1));
    const below = values.map((value) => value && 4 - value);
    const { queries = [] } = await runWith([
      ...values.map((value, at): Told => ['abort', 1, at / 20, value]),
      ...below.map(
        (value, at): Told => ['require', 0, at / 20, at === 501 ? null : value && value - (at === 500 ? 2 : 0)],
      ),
    ]);
    for (const { values: told } of queries) {
      expect(told).to.have.length.within(150, 240);
      expect(told.map(({ until }) => until).slice(0, -1)).to.deep.equal(told.map(({ at }) => at).slice(1));
      expect(told.filter(({ value }) => value === null)).to.have.length(1);
    }
    expect(Math.max(...(queries[0]?.values ?? []).map(({ value }) => value ?? 0))).to.equal(0.9);
    expect(Math.min(...(queries[1]?.values ?? []).map(({ value }) => value ?? 9))).to.be.closeTo(1.1, 1e-9);
  });

  it('changes no finding and takes no row from the evidence', async () => {
    const told = Array.from({ length: 600 }, (_, at): Told => ['abort', 1, at / 20, 0.1]);
    const [without, asked] = [await runWith([]), await runWith(told)];
    expect(asked.evidence.map(({ text }) => text)).to.deep.equal(without.evidence.map(({ text }) => text));
    expect(asked.evidenceLeftOut).to.equal(without.evidenceLeftOut);
    const words = (result: typeof asked) => result.findings.map(({ id, verdict, story }) => [id, verdict, story]);
    expect(words(asked)).to.deep.equal(words(without));
  });

  it('is absent where none was asked, as in old histories, and of what the scenario does not name', async () => {
    expect(await runWith([])).to.not.have.property('queries');
    const stray = await runWith([
      ['abort', 0, 5, 1],
      ['abort', 9, 5, 1],
    ]);
    expect(stray).to.not.have.property('queries');
    expect(await runWith([['abort', 1, 5, 1]], {})).to.not.have.property('queries');
  });
});
