import { expect } from 'chai';
import { openCase } from '../open-case.ts';
import { historyOf, recordsOf } from '../testing/handmade.ts';
import { chunks } from '../testing/record-file.ts';
import { ORDER } from '../testing/world.ts';

describe('analysis/facts/ladder-counts', () => {
  it('keep counts of the places that served the callers of the order, and of nobody else', async () => {
    const run = { expect: { failoverOrder: [ORDER] } };
    const { listeners } = await openCase(historyOf(run), chunks(recordsOf(run).file));
    const names = listeners.ladders.ladders.flat().map(({ sites }) => [...sites.keys()].map(({ name }) => name).sort());
    expect(names).to.deep.equal([['north-a', 'north-b']]);
  });
});
