import { expect } from 'chai';
import type { HistoryEvent } from '../../model/history.ts';
import type { RunResult } from '../../model/result.ts';
import { type Change, due, edit } from '../testing/changes.ts';
import { judged } from '../testing/handmade.ts';
import { CHAIN, ipOf } from '../testing/world.ts';

/** The same history, in which mocka calls both others. */
const asTree = (events: HistoryEvent[]): HistoryEvent[] =>
  events.map((event) => {
    if (event.type !== 'run-start') return event;
    const { load } = event.run.scenario;
    const chain = { ...load.chain, calls: { mocka: ['mockb', 'mockc'] } };
    return { ...event, run: { ...event.run, scenario: { ...event.run.scenario, load: { ...load, chain } } } };
  });

/** What is left of an answer where the call of one service failed. */
const lacking =
  (service: string, rest: string): Change =>
  (record) => ({
    ...record,
    chain: {
      hops: CHAIN.map((name) => ({ service: name, zone: 'north-a', ip: ipOf(name, 'north-a', 0) })).filter(
        (hop, i) => hop.service !== service && (rest === '' || i < CHAIN.indexOf(service as 'mocka')),
      ),
      rest,
    },
  });

async function blamed(change: Change, history?: typeof asTree): Promise<string[]> {
  const result: RunResult = await judged({
    callers: {},
    ...(history === undefined ? {} : { history }),
    expect: { errorBudget: { perCaller: 0 } },
    records: (all) => edit(all, [due('north-a', 12, 14), change]),
  });
  return result.budget.callers.filter(({ bad }) => bad > 0).map(({ caller }) => caller);
}

describe('docs/verdict.md R9: who called', () => {
  const mocka = [`mocka north-a ${ipOf('mocka', 'north-a', 0)}`];
  const mockb = [`mockb north-a ${ipOf('mockb', 'north-a', 0)}`];

  it('R9 who calls several is blamed for each call that failed', async () => {
    expect(await blamed(lacking('mockb', 'upstream connect error'), asTree)).to.deep.equal(mocka);
    expect(await blamed(lacking('mockc', 'upstream connect error'), asTree)).to.deep.equal(mocka);
    expect(await blamed(lacking('mockb', ''), asTree)).to.deep.equal(mocka);
  });

  it('R9 in a plain chain the last hop is', async () => {
    expect(await blamed(lacking('mockb', 'upstream connect error'))).to.deep.equal(mocka);
    expect(await blamed(lacking('mockc', 'upstream connect error'))).to.deep.equal(mockb);
  });
});
