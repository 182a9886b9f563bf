import { expect } from 'chai';
import type { RequestRecord } from '../../model/record.ts';
import { expectComplete } from '../testing/expect-load.ts';
import { CHAIN, loadOf, pathTo } from '../testing/load-fixture.ts';
import { ownTargets } from '../testing/own-targets.ts';
import { runLoad, sentBy } from '../testing/run-load.ts';

describe('load/undici: an open model over pinned connections', () => {
  const target = ownTargets();

  it('records every due request with its chain, path by path, shifted evenly', async () => {
    const [a, b] = [await target((_, res) => res.end(CHAIN)), await target((_, res) => res.end(CHAIN))];
    const outcome = await runLoad(loadOf(), [pathTo(a.port, 'a'), pathTo(b.port, 'b')]);
    expectComplete(outcome, 100);
    expect(outcome.engine).to.equal('undici');
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
    const firstOf = (path: number) => outcome.records.find((r) => r.path === path && r.seq === 0)?.due ?? 0;
    expect(firstOf(1) - firstOf(0)).to.equal(5000);
    for (const r of outcome.records) {
      expect(r).to.include({ ended: 'response', status: 200, chain: 0 });
      expect(r.due).to.be.greaterThan(0);
      expect(r.start).to.be.at.least(r.due);
      expect(r.end).to.be.at.least(r.start);
    }
    expect(outcome.summary.degraded.filter((reason) => /dropped|lost|written/.test(reason))).to.deep.equal([]);
  });

  it('shows progress by the rule of the scenario', async () => {
    const { port } = await target((_, res) => res.end(CHAIN));
    const twoPaths = [pathTo(port, 'a'), pathTo(port, 'b')];
    const good = await runLoad(loadOf(), twoPaths);
    for (const path of good.view.paths) {
      expect(path.good).to.equal(path.sent);
      expect(path).to.include({ bad: 0, dropped: 0, recentBad: 0 });
      expect(path.recentGood).to.be.greaterThan(0);
      expect(path.recentServing).to.deep.equal({ mocka: { z1: path.recentGood }, mockb: { z2: path.recentGood } });
    }
    const strict = loadOf({ good: { status: 200, chain: ['mockb', 'mocka'], latencyMs: 900 } });
    const bad = await runLoad(strict, twoPaths);
    for (const path of bad.view.paths) expect(path).to.include({ good: 0, bad: path.sent });
  });

  it('keeps connections, and marks exactly the requests that opened one', async () => {
    const { port, connections } = await target((_, res) => setTimeout(() => res.end(CHAIN), 15));
    const { records } = await runLoad(loadOf(), [pathTo(port)], { enough: (handle) => sentBy(handle) >= 60 });
    const fresh = records.filter((r) => r.fresh).length;
    expect(fresh).to.equal(connections());
    expect(fresh).to.be.lessThan(records.length);
  });

  it('opens a connection for each request when it is told to', async () => {
    const { port, connections } = await target((_, res) => res.end(CHAIN));
    const { records } = await runLoad(loadOf({ connections: 'fresh' }), [pathTo(port)]);
    expect(records.every((r) => r.fresh && r.ended === 'response')).to.equal(true);
    expect(connections()).to.equal(records.length);
  });

  it('sees every connection the server closes after its answer', async () => {
    const { port, connections } = await target((_, res) => res.setHeader('connection', 'close').end(CHAIN));
    const { records } = await runLoad(loadOf(), [pathTo(port)]);
    expect(records.every((r) => r.fresh && r.ended === 'response')).to.equal(true);
    expect(connections()).to.equal(records.length);
  });

  it('sends the request as the scenario words it, to the address of the path', async () => {
    const seen: unknown[] = [];
    const { port } = await target(({ method, url, headers }, res) => {
      seen.push({ method, url, host: headers.host, team: headers['x-team'] });
      res.end(CHAIN);
    });
    const request = { method: 'POST', path: '/mock?a=b', host: 'mock.asm-demo.work', headers: { 'X-Team': 'sre' } };
    const { records } = await runLoad(loadOf({}, request), [pathTo(port)]);
    expect(seen).to.have.length(records.length);
    for (const one of seen) {
      expect(one).to.deep.equal({ method: 'POST', url: '/mock?a=b', host: 'mock.asm-demo.work', team: 'sre' });
    }
  });

  it('names the address as host where the scenario names none', async () => {
    const hosts = new Set<string | undefined>();
    const { port } = await target(({ headers }, res) => {
      hosts.add(headers.host);
      res.end(CHAIN);
    });
    await runLoad(loadOf(), [pathTo(port)]);
    expect([...hosts]).to.deep.equal([`127.0.0.1:${port}`]);
  });

  it('follows no redirect and takes every status as a response', async () => {
    const { port, connections } = await target((_, res) => res.writeHead(302, { location: '/elsewhere' }).end());
    const { records, chains } = await runLoad(loadOf(), [pathTo(port)]);
    for (const r of records) expect(r).to.include({ ended: 'response', status: 302, chain: 0 });
    expect(chains).to.deep.equal([{ hops: [], rest: '' }]);
    expect(connections()).to.equal(records.filter((r) => r.fresh).length);
  });

  it('reads the chain from a header', async () => {
    const { port } = await target((_, res) => res.setHeader('X-Chain', CHAIN).end('a body that says nothing'));
    const chain = { from: { kind: 'header', name: 'x-CHAIN' }, hop: loadOf().chain.hop } as const;
    const { chains } = await runLoad(loadOf({ chain }), [pathTo(port)]);
    expect(chains.map(({ hops, rest }) => [hops.length, rest])).to.deep.equal([[2, '']]);
  });

  it('lives with hostile bodies', async () => {
    const bodies = [
      Buffer.alloc(1 << 20, 'x'),
      Buffer.from([0xff, 0xfe, 0x00, 0x80]),
      Buffer.from(`${CHAIN} \u{1f4a5}`),
      '',
    ];
    let turn = 0;
    const { port } = await target((_, res) => res.end(bodies[turn++ % bodies.length]));
    const outcome = await runLoad(loadOf(), [pathTo(port)]);
    expectComplete(outcome, 100);
    for (const r of outcome.records) expect(r).to.include({ ended: 'response', status: 200 });
    const rests = outcome.chains.map((chain) => chain.rest);
    expect(rests).to.have.members([
      `[body truncated at 65536 bytes] ${'x'.repeat(224)}`,
      '\ufffd\ufffd\u0000\ufffd',
      '\u{1f4a5}',
      '',
    ]);
  });

  it('reads a chain that arrives in pieces, even inside a character', async () => {
    const whole = Buffer.from(CHAIN.replace('z1', 'zür'));
    const { port } = await target((_, res) => {
      res.write(whole.subarray(0, whole.indexOf('ü') + 1));
      setTimeout(() => res.end(whole.subarray(whole.indexOf('ü') + 1)), 5);
    });
    const { chains } = await runLoad(loadOf(), [pathTo(port)]);
    expect(chains.map(({ hops }) => hops[0]?.zone)).to.deep.equal(['zür']);
  });

  it('numbers a fraction of a request per second as well', async () => {
    const { port } = await target((_, res) => res.end(CHAIN));
    const outcome = await runLoad(loadOf({ ratePerSecond: 2.5 }), [pathTo(port)], { enough: (h) => sentBy(h) >= 2 });
    const dues = outcome.records.map((r: RequestRecord) => r.due);
    expect((dues[1] ?? 0) - (dues[0] ?? 0)).to.equal(400_000);
  });
});
