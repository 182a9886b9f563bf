import type { ChildProcess } from 'node:child_process';
import net from 'node:net';
import { expect } from 'chai';
import type { RequestRecord, TransportError } from '../../model/record.ts';
import { expectComplete } from '../testing/expect-load.ts';
import { CHAIN, loadOf, pathTo } from '../testing/load-fixture.ts';
import { wordsIn } from '../testing/record-reader.ts';
import { type LoadOutcome, runLoad, sentBy } from '../testing/run-load.ts';
import { answering, freezable, listen, type TestServer } from '../testing/test-server.ts';
import { Connector } from './connect.ts';
import { classify } from './errors.ts';

const HEAD = 'HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n';

function expectAll({ records }: LoadOutcome, error: TransportError): void {
  expect(records).not.to.have.length(0);
  for (const r of records) expect(r).to.include({ ended: 'error', error, status: 0, chain: -1 });
}

describe('load/undici: what goes wrong is told apart and counted', () => {
  const targets: TestServer[] = [];
  const children: ChildProcess[] = [];
  afterEach(async () => {
    await Promise.all(targets.splice(0).map((target) => target.close()));
    for (const child of children.splice(0)) child.kill('SIGKILL');
  });

  async function raw(serve: (socket: net.Socket) => void): Promise<TestServer> {
    const made = await listen(net.createServer(serve));
    targets.push(made);
    return made;
  }

  for (const connections of ['kept', 'fresh'] as const) {
    it(`times out a server that never answers, from the due time (${connections})`, async () => {
      const { port } = await raw(() => {});
      const load = loadOf({ timeoutMs: 200, connections });
      const outcome = await runLoad(load, [pathTo(port)]);
      expectAll(outcome, 'timeout');
      expectComplete(outcome, 100);
      for (const r of outcome.records) expect(r.end - r.due).to.be.at.least(200_000);
      expect(outcome.summary.counts[0]?.dropped).to.equal(0);
      expect(outcome.texts).to.deep.equal([]);
    });
  }

  it('times out a body that dribbles without end', async () => {
    const { port } = await raw((socket) => {
      socket.write(HEAD);
      const dribble = setInterval(() => socket.write('x'), 50);
      socket.on('close', () => clearInterval(dribble)).on('error', () => {});
    });
    const outcome = await runLoad(loadOf({ timeoutMs: 300 }), [pathTo(port)]);
    expectAll(outcome, 'timeout');
    for (const r of outcome.records) expect(r.end - r.due).to.be.at.least(300_000);
  });

  it('throws away a connection on which an answer may still come', async () => {
    let closed = 0;
    const { port, connections } = await raw((socket) => {
      socket.resume().on('close', () => {
        closed += 1;
      });
    });
    const { records } = await runLoad(loadOf({ timeoutMs: 200 }), [pathTo(port)], { enough: () => closed >= 10 });
    expect(connections()).to.equal(records.length);
  });

  it('gives a connection attempt up that nobody answers', async () => {
    const { child, port } = await freezable();
    children.push(child);
    child.kill('SIGSTOP');
    // The kernel takes a few connections for a process that does not; after those an attempt hangs.
    const taken = Array.from({ length: 8 }, () => net.connect(port, '127.0.0.1').on('error', () => {}));
    const connector = new Connector(pathTo(port), 100, undefined);
    const wanted = { hostname: '127.0.0.1', protocol: 'http:', port: String(port) };
    const attempts = Array.from({ length: 8 }, async () => {
      const { promise, resolve } = Promise.withResolvers<Error | net.Socket | null>();
      connector.connect(wanted, (error, socket) => resolve(error ?? socket));
      return promise;
    });
    const ends = await Promise.all(attempts);
    expect(ends.map((end) => (end instanceof Error ? classify(end) : 'open'))).to.include('timeout');
    for (const socket of [...taken, ...ends]) if (socket instanceof net.Socket) socket.destroy();
  });

  it('tells a refused connection', async () => {
    const gone = await raw(() => {});
    await gone.close();
    const outcome = await runLoad(loadOf(), [pathTo(gone.port)]);
    expectAll(outcome, 'refused');
    expectComplete(outcome, 100);
    expect(outcome.records.every((r) => r.fresh)).to.equal(true);
    expect(wordsIn(outcome)).to.deep.equal(['connect ECONNREFUSED (ECONNREFUSED)']);
  });

  it('tells a reset in the middle of the body', async () => {
    const { port } = await raw((socket) => {
      socket.once('data', () => socket.write(`${HEAD}part`, () => socket.resetAndDestroy()));
    });
    const outcome = await runLoad(loadOf(), [pathTo(port)]);
    expect(outcome.records).not.to.have.length(0);
    // Node.js 22 reports some of these resets as the end of the stream.
    const told = Number(process.versions.node.split('.')[0]) < 24 ? ['reset', 'closed'] : ['reset'];
    for (const r of outcome.records) expect(r.error).to.be.oneOf(told);
    expect(wordsIn(outcome)).to.include('read ECONNRESET (ECONNRESET)');
  });

  it('tells a connection closed before and inside the answer', async () => {
    const before = await raw((socket) => socket.once('data', () => socket.end()));
    const inside = await raw((socket) => socket.once('data', () => socket.end(`${HEAD}part`)));
    const chunked = 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n';
    const between = await raw((socket) => socket.once('data', () => socket.end(`${chunked}\r\n4\r\npart\r\n`)));
    const last = await raw((socket) =>
      socket.once('data', () => socket.end(`${chunked}connection: close\r\n\r\n4\r\npa`)),
    );
    const ports = [before, inside, between, last].map(({ port }) => port);
    const outcome = await runLoad(
      loadOf(),
      ports.map((port, i) => pathTo(port, `z${i}`)),
    );
    expectAll(outcome, 'closed');
    for (const words of wordsIn(outcome)) expect(words).not.to.equal('none');
  });

  it('tells an answer that is no HTTP', async () => {
    const { port } = await raw((socket) => socket.once('data', () => socket.end('SSH-2.0-OpenSSH_9.2\r\n')));
    expectAll(await runLoad(loadOf(), [pathTo(port)]), 'protocol');
  });

  it('tells a name that does not resolve', async () => {
    const path = { ...pathTo(80), host: 'gateway.invalid' };
    const outcome = await runLoad(loadOf({ timeoutMs: 5000 }), [path], { enough: (h) => sentBy(h) >= 3 });
    expectAll(outcome, 'dns');
    for (const words of wordsIn(outcome)) expect(words).to.match(/^getaddrinfo \w+ gateway\.invalid \(\w+\)$/);
  });

  it('never writes down what was sent, also where a server sends it back as no HTTP', async () => {
    const beginnings = ['', 'HTTP/1.1 200 OK\r\nno colon here ', 'HTTP/1.1 ', 'HTTP/1.1 200 OK\r\ncontent-length: '];
    const targetsOf = beginnings.map((beginning) =>
      raw((socket) => socket.once('data', (sent) => socket.end(beginning + sent.toString('latin1')))),
    );
    const ports = (await Promise.all(targetsOf)).map(({ port }) => port);
    const load = loadOf({}, { path: '/mock?token=hidden-1', headers: { Authorization: 'Bearer hidden-2' } });
    const outcome = await runLoad(
      load,
      ports.map((port, i) => pathTo(port, `z${i}`)),
    );
    expectAll(outcome, 'protocol');
    expect(outcome.texts).not.to.have.length(0);
    expect(outcome.texts.join('\n')).not.to.include('hidden');
  });

  it('never sends a request twice: a kill on a kept connection is seen', async () => {
    let turn = 0;
    const target = await answering((req, res) => {
      turn += 1;
      if (turn % 2 === 0) req.socket.destroy();
      else res.end(CHAIN);
    });
    targets.push(target);
    const { records } = await runLoad(loadOf(), [pathTo(target.port)]);
    expect(turn).to.equal(records.length);
    expect(records.filter((r) => r.ended === 'error').length).to.equal(Math.floor(turn / 2));
  });

  it('drops and counts what finds no free slot, and says so', async () => {
    const { port } = await raw(() => {});
    const outcome = await runLoad(loadOf({ timeoutMs: 200 }), [pathTo(port)], {
      options: { maxInFlight: 1 },
      enough: (handle) => (handle.progress().paths[0]?.dropped ?? 0) >= 10,
    });
    expectComplete(outcome, 100);
    const dropped = outcome.records.filter((r) => r.ended === 'dropped');
    for (const r of dropped) expect(r).to.include({ start: r.due, end: r.due, status: 0, chain: -1, fresh: false });
    expect(outcome.summary.degraded).to.include(
      `${dropped.length} requests dropped: all 1 places of the path were taken`,
    );
    expect(outcome.view.degraded).to.deep.equal(outcome.summary.degraded);
  });

  it('loses no request unnoticed while the target is frozen for three seconds', async () => {
    const { child, port } = await freezable();
    children.push(child);
    const moments = { frozen: false, thawed: false };
    const outcome = await runLoad(loadOf({ ratePerSecond: 50, timeoutMs: 1000 }), [pathTo(port)], {
      enough: (handle) => {
        const sent = sentBy(handle);
        if (!moments.frozen && sent >= 25) moments.frozen = child.kill('SIGSTOP');
        if (moments.frozen && !moments.thawed && sent >= 175) moments.thawed = child.kill('SIGCONT');
        return sent >= 240;
      },
    });
    expectComplete(outcome, 50);
    const errors = outcome.records.filter((r) => r.ended === 'error');
    expect(outcome.summary.counts[0]?.dropped).to.equal(0);
    expect(errors.length).to.be.greaterThan(50);
    for (const r of errors)
      expect(r.error === 'timeout' && r.end - r.due >= 1_000_000, JSON.stringify(r)).to.equal(true);
    const last = outcome.records.toSorted((a, b) => a.seq - b.seq).slice(-20) as RequestRecord[];
    expect(last.every((r) => r.ended === 'response')).to.equal(true);
  });
});
