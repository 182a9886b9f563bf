import { expect } from 'chai';
import type { GoodRequest } from '../../model/scenario.ts';
import { CHAIN, loadOf, pathTo } from '../testing/load-fixture.ts';
import { ownTargets } from '../testing/own-targets.ts';
import { runLoad } from '../testing/run-load.ts';

const good: GoodRequest = { status: 200, chain: [], latencyMs: 900 };

describe('load/undici: what a good answer says', () => {
  const target = ownTargets();
  const goodOf = (view: { paths: readonly { good: number; bad: number }[] }) =>
    view.paths.map(({ good: n, bad }) => [n > 0, bad > 0]);

  it('is a rule of each path; a record says what was wrong', async () => {
    const { port } = await target((request, response) => {
      response.setHeader('x-zone', 'a');
      response.end(request.url === '/ok' ? '{"status":"ok"}' : '{"status":"degraded"}');
    });
    const check = { of: 'body', pointer: '/status', expected: { equals: 'ok' } } as const;
    const load = loadOf({ good });
    const names = ['ok', 'sick', 'plain'];
    const paths = names.map((name) => ({
      ...(load.paths[0] as (typeof load.paths)[0]),
      name,
      request: { method: 'GET', path: `/${name}`, headers: {} },
      ...(name === 'plain' ? {} : { good: { ...good, content: [check] } }),
    }));
    const outcome = await runLoad(
      { ...load, paths },
      names.map((name) => ({ ...pathTo(port), name, id: `${name}@t/a` })),
    );
    const words = [0, 1, 2].map((path) => {
      const own = outcome.records.filter((record) => record.path === path);
      return [...new Set(own.map(({ text }) => outcome.texts[text]))];
    });
    expect(words).to.deep.equal([[undefined], ['body: /status is "degraded", not "ok"'], [undefined]]);
    expect(goodOf(outcome.view)).to.deep.equal([
      [true, false],
      [false, true],
      [true, false],
    ]);
  });

  it('is never forgotten, however many different things are said', async () => {
    let count = 0;
    const { port } = await target((_, response) => {
      count += 1;
      response.end(JSON.stringify({ status: `wrong ${count}` }));
    });
    const check = { of: 'body', pointer: '/status', expected: { equals: 'ok' } } as const;
    const load = loadOf({ ratePerSecond: 1000, good: { ...good, content: [check] } });
    const outcome = await runLoad(load, [pathTo(port)], { enough: () => count > 1200 });
    const answered = outcome.records.filter((record) => record.outcome === 'response');
    expect(answered.every(({ text }) => text >= 0)).to.equal(true);
    expect(outcome.texts.at(-1)).to.equal('body: /status is something else, not "ok"');
  });

  it('is looked for in the body while the chain stands in a header', async () => {
    const { port } = await target((_, response) => {
      response.setHeader('x-chain', CHAIN);
      response.writeHead(302, { location: 'https://shop.example/login' }).end();
    });
    const redirect = { of: 'header', name: 'location', expected: { matches: '/login$' } } as const;
    const load = loadOf({
      chain: { from: { kind: 'header', name: 'x-chain' }, hop: '-> {service}(version: {zone}, ip: {ip})' },
      good: { status: 302, chain: ['mocka', 'mockb'], latencyMs: 900, content: [redirect] },
    });
    const { view, records } = await runLoad(load, [pathTo(port)]);
    expect(goodOf(view)).to.deep.equal([[true, false]]);
    expect(records.every(({ text }) => text === -1)).to.equal(true);
  });
});
