import { createServer } from 'node:net';
import { expect } from 'chai';
import type { RequestRecord } from '../../../model/record.ts';
import { expectComplete, expectOpenModel } from '../../testing/expect-load.ts';
import { CHAIN, loadOf, pathTo } from '../../testing/load-fixture.ts';
import { ownTargets } from '../../testing/own-targets.ts';
import { wordsIn } from '../../testing/record-reader.ts';
import { runLoad, sentBy } from '../../testing/run-load.ts';
import { listen } from '../../testing/test-server.ts';
import { runWhileFrozen, runWhileHeld } from '../testing/standstill.ts';
import { k6Engine } from './extension.ts';

/** The k6 under test; the script that runs these specs sets it. */
const BINARY = process.env.FAULTLINE_K6 ?? '';

describe('load/k6/local/extension: the real binary over pinned connections', () => {
  const engine = k6Engine({ binary: BINARY });
  const target = ownTargets();

  it('records every due request with its chain, path by path, evenly', async () => {
    const [a, b] = [await target((_, res) => res.end(CHAIN)), await target((_, res) => res.end(CHAIN))];
    const outcome = await runLoad(loadOf(), [pathTo(a.port, 'a'), pathTo(b.port, 'b')], {
      engine,
      enough: (handle) => sentBy(handle) >= 100,
    });
    expectComplete(outcome, 100);
    expect(outcome.engine).to.equal('k6');
    expect(outcome.paths).to.deep.equal(['entry@t/a', 'entry@t/b']);
    expect(outcome.chains).to.deep.equal([
      {
        hops: [
          { service: 'mocka', zone: 'z1', ip: '127.1.1.1' },
          { service: 'mockb', zone: 'z2', ip: '127.1.1.2' },
        ],
        rest: '',
      },
    ]);
    for (const r of outcome.records) {
      expect(r).to.include({ ended: 'response', status: 200, chain: 0 });
      expect(r.start).to.be.at.least(r.due);
      expect(r.end).to.be.at.least(r.start);
    }
    expect(a.connections()).to.equal(outcome.records.filter((r) => r.path === 0 && r.fresh).length);
  });

  it('opens a connection for each request when it is told to, and words it as the scenario does', async () => {
    const seen = new Set<string>();
    const { port, connections } = await target(({ method, url, headers }, res) => {
      seen.add(JSON.stringify({ method, url, host: headers.host, team: headers['x-team'] }));
      res.end(CHAIN);
    });
    const request = { method: 'POST', path: '/mock?a=b', host: 'mock.asm-demo.work', headers: { 'X-Team': 'sre' } };
    const { records } = await runLoad(loadOf({ connections: 'fresh' }, request), [pathTo(port)], { engine });
    expect(records.every((r) => r.fresh && r.ended === 'response')).to.equal(true);
    expect(connections()).to.equal(records.length);
    expect([...seen]).to.deep.equal(['{"method":"POST","url":"/mock?a=b","host":"mock.asm-demo.work","team":"sre"}']);
  });

  it('never sends a request twice: a kill on a kept connection is seen', async () => {
    let turn = 0;
    const { port } = await target((req, res) => {
      turn += 1;
      if (turn % 2 === 0) req.socket.destroy();
      else res.end(CHAIN);
    });
    const { records } = await runLoad(loadOf(), [pathTo(port)], { engine });
    expect(turn).to.equal(records.length);
    expect(records.filter((r) => r.ended === 'error').length).to.equal(Math.floor(turn / 2));
  });

  it('tells refused connections', async () => {
    const gone = await listen(createServer());
    await gone.close();
    const outcome = await runLoad(loadOf(), [pathTo(gone.port)], { engine });
    expectComplete(outcome, 100);
    for (const r of outcome.records) expect(r).to.include({ ended: 'error', error: 'refused', status: 0, chain: -1 });
    expect(wordsIn(outcome)).to.deep.equal(['dial tcp: connect: connection refused']);
  });

  it('loses no request unnoticed while the target is frozen for three seconds at 200 requests/s', async () => {
    const load = loadOf({ ratePerSecond: 200, timeoutMs: 1000 });
    const { outcome, frozen } = await runWhileFrozen(engine, load);
    expectComplete(outcome, 200);
    expect(outcome.summary.counts[0]?.dropped).to.equal(0);
    const errors = outcome.records.filter((r) => r.ended === 'error');
    expect(errors.length).to.be.greaterThan(200);
    for (const r of errors)
      expect(r.error === 'timeout' && r.end - r.due >= 1_000_000, JSON.stringify(r)).to.equal(true);
    expectOpenModel(outcome, frozen, 1000);
    const last = outcome.records.toSorted((a, b) => a.seq - b.seq).slice(-50) as RequestRecord[];
    expect(last.filter((r) => r.ended !== 'response')).to.deep.equal([]);
  });

  it('gives every iteration that k6 drops its place, and says that the load was degraded', async () => {
    const { port } = await target((_, res) => setTimeout(() => res.end(CHAIN), 40));
    const load = loadOf({ ratePerSecond: 200, timeoutMs: 100 });
    const outcome = await runWhileHeld(engine, load, pathTo(port));
    expectComplete(outcome, 200);
    const dropped = outcome.records.filter((r) => r.ended === 'dropped').length;
    expect(dropped).to.be.greaterThan(0);
    expect(outcome.summary.degraded).to.include(`${dropped} requests dropped: no virtual user of the path was free`);
    const sent = outcome.records.filter((r) => r.ended !== 'dropped').toSorted((a, b) => a.seq - b.seq);
    expect(sent.every((r, i) => r.start >= (sent[i - 1]?.start ?? 0))).to.equal(true);
  });
});
