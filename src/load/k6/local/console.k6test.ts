import { createServer } from 'node:net';
import { expect } from 'chai';
import { expectComplete, expectOpenModel } from '../../testing/expect-load.ts';
import { CHAIN, loadOf, pathTo } from '../../testing/load-fixture.ts';
import { ownTargets } from '../../testing/own-targets.ts';
import { wordsIn } from '../../testing/record-reader.ts';
import { runLoad, sentBy } from '../../testing/run-load.ts';
import { listen } from '../../testing/test-server.ts';
import { runWhileFrozen, runWhileHeld } from '../testing/standstill.ts';
import { k6ConsoleEngine } from './console.ts';

/** A k6 as its project releases it; the script that runs these specs builds it. */
const BINARY = process.env.FAULTLINE_STOCK_K6 ?? '';
/** The clock of k6 is known to about this, in microseconds; the places themselves lie evenly. */
const BLUR = 2500;

describe('load/k6/local/console: a k6 without the extension', () => {
  const engine = k6ConsoleEngine({ binary: BINARY });
  const target = ownTargets();

  it('records every due request with its chain, path by path, evenly, each over a connection of its own', async () => {
    const [a, b] = [await target((_, res) => res.end(CHAIN)), await target((_, res) => res.end(CHAIN))];
    const outcome = await runLoad(loadOf({ connections: 'fresh' }), [pathTo(a.port, 'a'), pathTo(b.port, 'b')], {
      engine,
      enough: (handle) => sentBy(handle) >= 100,
    });
    expectComplete(outcome, 100, BLUR);
    expect(outcome.summary.degraded).to.deep.equal([]);
    expect(outcome.engine).to.equal('k6');
    expect(outcome.paths).to.deep.equal(['entry@t/a', 'entry@t/b']);
    expect(outcome.chains).to.have.length(1);
    for (const r of outcome.records) {
      expect(r).to.include({ ended: 'response', status: 200, chain: 0, fresh: true });
      expect(r.start).to.be.at.least(r.due);
      expect(r.end).to.be.at.least(r.start);
    }
    expect(a.connections() + b.connections()).to.be.at.least(outcome.records.length);
  });

  it('words requests as the scenario does, pinned to the gateway behind the name', async () => {
    const seen = new Set<string>();
    const { port } = await target(({ method, url, headers }, res) => {
      seen.add(JSON.stringify({ method, url, host: headers.host, team: headers['x-team'] }));
      res.end(CHAIN);
    });
    const request = { method: 'POST', path: '/mock?a=b', host: 'mock.asm-demo.work', headers: { 'X-Team': 'sre' } };
    const { records } = await runLoad(loadOf({ connections: 'fresh' }, request), [pathTo(port)], { engine });
    expect(records.every((r) => r.ended === 'response')).to.equal(true);
    expect([...seen]).to.deep.equal(['{"method":"POST","url":"/mock?a=b","host":"mock.asm-demo.work","team":"sre"}']);
  });

  it('tells refused, reset and closed connections', async () => {
    let turn = 0;
    const { port } = await target((req, res) => {
      turn += 1;
      if (turn % 2 === 0) req.socket.resetAndDestroy();
      else res.destroy();
    });
    const { records } = await runLoad(loadOf({ connections: 'fresh' }), [pathTo(port)], { engine });
    expect(new Set(records.map((r) => r.error))).to.deep.equal(new Set(['reset', 'closed']));
    const gone = await listen(createServer());
    await gone.close();
    const refused = await runLoad(loadOf({ connections: 'fresh' }), [pathTo(gone.port)], { engine });
    expectComplete(refused, 100, BLUR);
    for (const r of refused.records) expect(r).to.include({ ended: 'error', error: 'refused', status: 0, chain: -1 });
    for (const words of wordsIn(refused)) expect(words).to.match(/refused.* \(k6 1212\)$/);
  });

  it('loses no request unnoticed while the target is frozen for three seconds at 200 requests/s', async () => {
    const load = loadOf({ ratePerSecond: 200, timeoutMs: 1000, connections: 'fresh' });
    const { outcome, frozen } = await runWhileFrozen(engine, load);
    expectComplete(outcome, 200, BLUR);
    expect(outcome.summary.degraded).to.deep.equal([]);
    expect(outcome.summary.counts[0]?.dropped).to.equal(0);
    const errors = outcome.records.filter((r) => r.ended === 'error');
    expect(errors.length).to.be.greaterThan(200);
    expectOpenModel(outcome, frozen, 1000);
    for (const r of errors) expect(r.error === 'timeout' && r.end - r.due >= 999_000, JSON.stringify(r)).to.equal(true);
  });

  it('gives every iteration that k6 drops its place, and says that the load was degraded', async () => {
    const { port } = await target((_, res) => setTimeout(() => res.end(CHAIN), 40));
    const load = loadOf({ ratePerSecond: 200, timeoutMs: 100, connections: 'fresh' });
    const outcome = await runWhileHeld(engine, load, pathTo(port));
    expectComplete(outcome, 200, BLUR);
    const dropped = outcome.records.filter((r) => r.ended === 'dropped').length;
    expect(dropped).to.be.greaterThan(0);
    expect(outcome.summary.degraded).to.include(`${dropped} requests dropped: no virtual user of the path was free`);
  });
});
