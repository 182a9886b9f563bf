import { expect } from 'chai';
import type { GoodRequest } from '../../model/scenario.ts';
import { loadOf, pathTo } from '../testing/load-fixture.ts';
import { ownTargets } from '../testing/own-targets.ts';
import { runLoad } from '../testing/run-load.ts';

const good: GoodRequest = { status: 200, chain: [], latencyMs: 900 };

describe('load/undici: what a good answer says', () => {
  const target = ownTargets();

  it('is never forgotten, however many different things are said', async () => {
    let count = 0;
    const { port } = await target((_, response) => {
      count += 1;
      response.end(JSON.stringify({ status: `wrong ${count}` }));
    });
    const check = { of: 'body', pointer: '/status', expected: { equals: 'ok' } } as const;
    const load = loadOf({ ratePerSecond: 1000, good: { ...good, content: [check] } });
    const outcome = await runLoad(load, [pathTo(port)], { enough: () => count > 1200 });
    const answered = outcome.records.filter((record) => record.ended === 'response');
    expect(answered.every(({ text }) => text >= 0)).to.equal(true);
    expect(outcome.texts.at(-1)).to.equal('body: /status is something else, not "ok"');
  });
});
