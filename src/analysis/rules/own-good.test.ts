import { expect } from 'chai';
import type { HistoryEvent } from '../../model/history.ts';
import type { RunResult } from '../../model/result.ts';
import type { GoodRequest, PathTemplate } from '../../model/scenario.ts';
import { type Change, due, edit, status } from '../testing/changes.ts';
import { findingOf, type Handmade, judged } from '../testing/handmade.ts';
import { CHAIN, pathOf } from '../testing/world.ts';

const CART = pathOf('south-h');
const WHOLE: GoodRequest = { status: 200, chain: CHAIN, latencyMs: 1000 };

/** The same history, in which the path through south-h sends another request than the others, and good is another there. */
function withCart(good: GoodRequest | undefined) {
  const template: PathTemplate = {
    name: 'cart',
    request: { method: 'POST', path: '/cart', headers: {} },
    via: 'each-gateway-zone',
    ...(good === undefined ? {} : { good }),
  };
  return (events: HistoryEvent[]): HistoryEvent[] =>
    events.map((event) => {
      if (event.type !== 'run-start') return event;
      const { run } = event;
      const paths = run.topology.paths.map((path) => (path.id === CART ? { ...path, name: 'cart' } : path));
      const load = { ...run.scenario.load, paths: [template] };
      return { ...event, run: { ...run, topology: { ...run.topology, paths }, scenario: { ...run.scenario, load } } };
    });
}

const run = (good: GoodRequest | undefined, change: Change, more: Partial<Handmade> = {}): Promise<RunResult> =>
  judged({ history: withCart(good), records: (all) => edit(all, [due('south-h', 0, 45), change]), ...more });

const badOn = (result: RunResult, path: string) => result.budget.paths.find((row) => row.path === path)?.bad;
const steady = (result: RunResult) => findingOf(result, 'steadyState/good').verdict;

describe('docs/verdict.md R6: good by the rule of the path', () => {
  const broken: Change = (record) => ({ ...record, chain: { hops: record.chain?.hops.slice(0, 1) ?? [], rest: '' } });
  const slow: Change = (record) => ({ ...record, end: record.due + 1_500_000 });
  const cases: readonly [what: string, good: GoodRequest, change: Change][] = [
    ['status', { ...WHOLE, status: 201 }, status(201)],
    ['a range of status', { ...WHOLE, status: [{ from: 200, to: 299 }] }, status(204)],
    ['chain', { ...WHOLE, chain: ['mocka'] }, broken],
    ['no chain', { ...WHOLE, chain: [] }, broken],
    ['latency', { ...WHOLE, latencyMs: 1600 }, slow],
  ];

  for (const [what, good, change] of cases) {
    it(`R6 ${what}: what is bad by the load's rule is good by the path's own`, async () => {
      const [own, other] = await Promise.all([run(good, change), run(undefined, change)]);
      expect(steady(own)).to.equal('pass');
      expect(badOn(own, CART)).to.equal(0);
      expect(steady(other)).to.not.equal('pass');
      expect(badOn(own, pathOf('north-a'))).to.equal(badOn(other, pathOf('north-a')));
    });
  }

  it('R6 what is good by the load is bad by a stricter rule of the path, and named by it', async () => {
    const strict = await run({ ...WHOLE, latencyMs: 1 }, (record) => record);
    expect(steady(strict)).to.not.equal('pass');
    expect(strict.budget.groups.map(({ cause }) => cause)).to.include('slower than 1 ms');
  });

  it('R7 an answer that says what it should not is bad, and its words are told', async () => {
    const words = 'body: /status is "degraded", not "ok"';
    const wrong: Change = (record) => ({ ...record, text: 0 });
    const result = await run(undefined, wrong, { texts: [words] });
    expect(steady(result)).to.not.equal('pass');
    expect(findingOf(result, 'steadyState/good').cause).to.contain(`wrong content: ${words}`);
    const group = result.budget.groups.find(({ path }) => path === CART);
    expect(group).to.include({ cause: 'wrong content', text: words });
    expect(group?.example).to.include({ status: 200, text: words });
  });
});
