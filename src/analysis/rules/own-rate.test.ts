import { expect } from 'chai';
import fc from 'fast-check';
import type { HistoryEvent } from '../../model/history.ts';
import type { RunResult } from '../../model/result.ts';
import type { PathTemplate } from '../../model/scenario.ts';
import { findingOf, type Handmade, judged, recovering } from '../testing/handmade.ts';
import { holds, seeds } from '../testing/holds.ts';
import type { Raw } from '../testing/record-file.ts';
import { pathOf, ZONES } from '../testing/world.ts';

const SLOW = pathOf('south-h');
const RATE = 20;
/** The slow path sends one request for so many of the others. */
const FEWER = 5;

/** The path through south-h sends another request, at a rate that is said or not. */
function withSlow(ratePerSecond: number | undefined) {
  const template: PathTemplate = {
    name: 'slow',
    request: { method: 'GET', path: '/slow', headers: {} },
    via: 'each-gateway-zone',
    ...(ratePerSecond === undefined ? {} : { ratePerSecond }),
  };
  const other: PathTemplate = { ...template, name: 'entry', ratePerSecond: RATE };
  return (events: HistoryEvent[]): HistoryEvent[] =>
    events.map((event) => {
      if (event.type !== 'run-start') return event;
      const { run } = event;
      const paths = run.topology.paths.map((path) => (path.id === SLOW ? { ...path, name: 'slow' } : path));
      const load = { ...run.scenario.load, paths: [other, template] };
      return { ...event, run: { ...run, topology: { ...run.topology, paths }, scenario: { ...run.scenario, load } } };
    });
}

/** Every fifth request of south-h, numbered as that path numbers them. */
function thinned(records: Raw[]): Raw[] {
  const slow = ZONES.indexOf('south-h');
  return records.flatMap((record) => {
    if (record.path !== slow) return [record];
    return record.seq % FEWER === 0 ? [{ ...record, seq: record.seq / FEWER }] : [];
  });
}

const run = (rate: number | undefined, more: Partial<Handmade> = {}): Promise<RunResult> =>
  judged(recovering({ rate: RATE, callers: {}, history: withSlow(rate), records: thinned, ...more }));

const verdictOf = (result: RunResult, id: string) => findingOf(result, id).verdict;
const quality = (result: RunResult) => {
  const finding = result.findings.find(({ objective }) => objective === 'loadQuality');
  return { verdict: finding?.verdict, cause: finding?.cause ?? '' };
};

describe('docs/verdict.md R8: how often requests of a path are due', () => {
  it('R8 a slow path that keeps its own rate is no load that was not delivered', () =>
    holds(fc.tuple(seeds), async ([seed]) => {
      const own = await run(RATE / FEWER, { seed });
      expect(quality(own)).to.deep.equal({ verdict: 'pass', cause: '' });
      expect(verdictOf(own, 'steadyState/good')).to.equal('pass');
      const other = await run(undefined, { seed });
      expect(quality(other).verdict).to.equal('inconclusive');
    }));

  it('R8 a path that sends less than its own rate is one, although it sends as often as others', async () => {
    const result = await run(RATE * 4, { records: (all) => all });
    expect(quality(result).verdict).to.equal('inconclusive');
    expect(quality(result).cause).to.contain(`the asked rate was not delivered on ${SLOW}`);
  });

  it('R8 a silence on a fast path is one, while a slow path is silent as long between two requests', async () => {
    const fast = ZONES.indexOf('north-b');
    const silent = (all: Raw[]) => thinned(all).filter(({ path, due }) => path !== fast || due < 3e6 || due > 3.7e6);
    const result = await run(RATE / FEWER, { records: silent });
    expect(quality(result).verdict).to.equal('inconclusive');
    expect(quality(await run(RATE / FEWER, {})).verdict).to.equal('pass');
  });

  it('R8 numbers higher than the rate of the path allows are of another run', async () => {
    const numbered = (all: Raw[]) => all.map((record) => ({ ...record, seq: record.seq * 8 }));
    const slow = ZONES.indexOf('south-h');
    const foreign = (all: Raw[]) => [
      ...thinned(all),
      ...numbered(all.filter(({ path }) => path === slow)).slice(50, 60),
    ];
    const result = await run(RATE / FEWER, { records: foreign });
    expect(quality(result).cause).to.contain('10 lines of the record file cannot be');
    expect(quality(result).verdict).to.equal('inconclusive');
  });
});
