import { mkdtemp, rm } from 'node:fs/promises';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import type { Dispatcher } from 'undici';
import type { Stall } from '../../model/ports.ts';
import { hrtimeMicros } from '../clock.ts';
import { openRecordFile } from '../record-writer.ts';
import { expectComplete } from '../testing/expect-load.ts';
import { CHAIN, loadOf, pathTo } from '../testing/load-fixture.ts';
import { readRecords } from '../testing/record-reader.ts';
import { runLoad, sentBy, until } from '../testing/run-load.ts';
import { answering, listen, type TestServer } from '../testing/test-server.ts';
import { Connector } from './connect.ts';
import { Flight, type FlightLog } from './flight.ts';
import { Session } from './session.ts';

const NOBODY = { pulse: () => {}, stall: () => {} };

/** One request for which this machine had no file left. */
function runShort(session: Session): void {
  const route = {
    connector: new Connector(pathTo(1), 100, undefined),
    source: { kind: 'body' },
    grpc: false,
    judge: undefined,
    log: session,
  } as const;
  const flight = new Flight(route, { path: 0, seq: 999, due: 5 }, 7, 100);
  session.error(flight, Object.assign(new Error('no files'), { code: 'EMFILE' }));
}

describe('load/undici/session', () => {
  const targets: TestServer[] = [];
  let folder = '';
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'faultline-load-'));
  });
  after(async () => {
    await Promise.all(targets.map((target) => target.close()));
    await rm(folder, { recursive: true });
  });

  it('fires all that is overdue after a stall with its true due time, and drops what is overdue by the timeout', async () => {
    const silent = await listen(net.createServer());
    targets.push(silent);
    const file = join(folder, 'stall.ndjson');
    const load = loadOf({ timeoutMs: 400, good: { status: 200, chain: [], latencyMs: 100 } });
    const input = { load, paths: [pathTo(silent.port)], file, zero: hrtimeMicros(), options: {} };
    const stalls: Stall[] = [];
    const session = new Session(input, await openRecordFile(file), { ...NOBODY, stall: (stall) => stalls.push(stall) });
    await until(() => (session.view().paths[0]?.sent ?? 0) >= 5);
    const began = hrtimeMicros() - input.zero;
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 700);
    const ended = hrtimeMicros() - input.zero;
    const stopping = session.stop();
    const fired = hrtimeMicros() - input.zero;
    const summary = await stopping;
    const found = await readRecords(file);
    expectComplete({ ...found, summary }, 100);

    const dropped = found.records.filter((r) => r.ended === 'dropped');
    expect(dropped.length).to.be.at.least(20);
    for (const r of dropped) expect(fired - r.due).to.be.at.least(400_000);
    const late = found.records.filter((r) => r.ended !== 'dropped' && r.start - r.due > 10_000);
    expect(late.length).to.be.at.least(10);
    for (const r of late) expect(r.start - r.due).to.be.lessThan(400_000);
    expect(late.length).to.equal(summary.counts[0]?.late);
    expect(summary.lateP99).to.be.greaterThan(250_000);
    const words = summary.degraded.join('\n');
    expect(words).to.match(/\d+ requests dropped: overdue by more than the timeout/);
    expect(words).to.match(/requests were sent late: 99th percentile/);
    expect(words).to.match(/the load generator stood still for/);
    expect(stalls.some(({ from, to }) => from <= began && to >= ended)).to.equal(true);
  });

  it('counts a shortage of this machine as dropped, never against the target', async () => {
    const file = join(folder, 'shortage.ndjson');
    const input = { load: loadOf(), paths: [pathTo(1)], file, zero: hrtimeMicros(), options: {} };
    const session = new Session(input, await openRecordFile(file), NOBODY);
    runShort(session);
    const { degraded } = await session.stop();
    expect(degraded).to.include('1 request dropped: this machine ran short of resources (EMFILE)');
    const { records } = await readRecords(file);
    expect(records.find((r) => r.seq === 999)).to.include({ ended: 'dropped', due: 5, start: 5, end: 5 });
  });

  it('leaves connections to the undo once this machine has run short of them', async () => {
    let connections = 0;
    const silent = await listen(net.createServer(() => connections++));
    targets.push(silent);
    const file = join(folder, 'spared.ndjson');
    const load = loadOf({ timeoutMs: 1_000 });
    const input = { load, paths: [pathTo(silent.port)], file, zero: hrtimeMicros(), options: {} };
    const session = new Session(input, await openRecordFile(file), NOBODY);
    const spared = () =>
      session.view().degraded.some((one) => /^[1-9]\d* requests dropped: .* left to the undo$/.test(one));
    await until(() => connections >= 40);
    runShort(session);
    await until(spared);
    const before = connections;
    await until(() => connections > before + 10);
    await session.stop();
  });

  it('goes on with one request at a time where hardly any was on its way then', async () => {
    let served = 0;
    const target = await answering((_, res) => res.end(CHAIN, () => served++));
    targets.push(target);
    const file = join(folder, 'last.ndjson');
    const input = { load: loadOf(), paths: [pathTo(target.port)], file, zero: hrtimeMicros(), options: {} };
    const session = new Session(input, await openRecordFile(file), NOBODY);
    runShort(session);
    await until(() => served >= 3);
    await session.stop();
  });

  it('waits at the end for what is on its way, and no longer', async () => {
    const slow = await answering((_, res) => setTimeout(() => res.end(CHAIN), 400));
    targets.push(slow);
    const outcome = await runLoad(loadOf({ timeoutMs: 60_000 }), [pathTo(slow.port)], {
      enough: (handle) => sentBy(handle) >= 5,
    });
    expectComplete(outcome, 100);
    expect(outcome.records.every((r) => r.ended === 'response')).to.equal(true);
  });
});

describe('load/undici/flight', () => {
  it('is not sent any more when it has expired while it waited for its connection, and reports once', () => {
    const reports: unknown[] = [];
    const log: FlightLog = {
      response: () => reports.push('response'),
      error: (_, error) => reports.push((error as { code: string }).code),
    };
    const connector = new Connector(pathTo(1), 100, undefined);
    const flight = new Flight(
      { connector, source: { kind: 'body' }, grpc: false, judge: undefined, log },
      { path: 0, seq: 0, due: 0 },
      0,
      100,
    );
    flight.expire();
    let aborted = 0;
    const controller = { abort: () => (aborted += 1) } as unknown as Dispatcher.DispatchController;
    flight.onRequestStart(controller);
    flight.onResponseEnd(null, {});
    flight.onResponseError(controller, new Error('aborted'));
    expect(aborted).to.equal(1);
    expect(reports).to.deep.equal(['ETIMEDOUT']);
    expect(flight.fresh).to.equal(false);
  });
});
