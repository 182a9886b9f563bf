import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { openRecordFile } from '../../record-writer.ts';
import { loadOf } from '../../testing/load-fixture.ts';
import { readRecords } from '../../testing/record-reader.ts';
import { EXTENSION_WIRE } from './extension-wire.ts';
import { Session } from './session.ts';
import type { Source } from './source.ts';

/** The run's zero on the scale of the session's clock; all other times here are run time, in milliseconds. */
const ZERO = 5_000_000;

describe('load/k6/records/session: records from the words of the extension', () => {
  let folder = '';
  let session: Session;
  let now = 0;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'faultline-session-'));
    now = 0;
    const records = await openRecordFile(join(folder, 'r'));
    const how = { load: loadOf(), ids: ['a'], intervalsNs: [1e8], zero: ZERO, now: () => ZERO + now * 1000 };
    const wire = { wire: EXTENSION_WIRE, sources: ['k6'], scenarioOf: [0], scripted: false, settling: 400_000 };
    session = new Session({ ...how, ...wire }, records);
    session.begin();
  });
  afterEach(async () => {
    await session.close().catch(() => undefined);
    await rm(folder, { recursive: true });
  });

  const tell = (text: string) => session.line(session.sources[0] as Source, text);
  /** The extension's clock begins at `zero`. */
  const say = (zero: number, line: Record<string, unknown>) => {
    const times = ['at', 't0', 't1', 'clock'].filter((name) => name in line);
    const put = Object.fromEntries(times.map((name) => [name, (Number(line[name]) - zero) * 1000]));
    tell(JSON.stringify({ ...line, ...put }));
  };
  const request = (zero: number, n: number, t0: number, more: object = {}) =>
    say(zero, { p: 0, n, t0, t1: t0 + 1, s: 200, c: 0, f: 1, ...more });

  async function records() {
    await session.close();
    const found = (await readRecords(join(folder, 'r'))).records;
    return found.toSorted((a, b) => a.seq - b.seq).map(({ seq, due, ended }) => `${seq} ${due / 1000} ${ended}`);
  }
  const chain = () => tell('{"chain":0,"hops":[["mocka","z",""]],"rest":""}');

  it('takes times as they are where the clock is the same', async () => {
    // The line was on its way for 40 ms, which says nothing of the clock.
    now = 40;
    say(-ZERO / 1000, { clock: 0, exact: true });
    say(-ZERO / 1000, { plan: 0, at: 10 });
    chain();
    for (const n of [0, 1, 2]) request(-ZERO / 1000, n, 10.1 + n * 100);
    now = 900;
    expect(await records()).to.deep.equal(['0 10 response', '1 110 response', '2 210 response']);
    expect(session.degraded()).to.deep.equal([]);
  });

  it('keeps what the extension says of an error', async () => {
    say(0, { clock: 0 });
    say(0, { plan: 0, at: 0 });
    const words = (port: number) => `read tcp 10.0.0.1:${port}->10.0.0.2:80: read: connection reset by peer`;
    for (const n of [0, 1]) request(0, n, 1 + n * 100, { s: undefined, e: 'reset', m: words(5000 + n) });
    request(0, 2, 201, { s: undefined, e: 'timeout' });
    now = 900;
    await session.close();
    const found = await readRecords(join(folder, 'r'));
    expect(found.records.map((r) => [r.error, r.text])).to.deep.equal([
      ['reset', 0],
      ['reset', 0],
      ['timeout', -1],
    ]);
    expect(found.texts).to.deep.equal(['read tcp: read: connection reset by peer']);
  });

  it('learns the distance of another clock from the line that came quickest', async () => {
    now = 50;
    // These were on their way for 30, 2 and 9 ms.
    for (const clock of [20, 48, 41]) say(700, { clock });
    say(700, { plan: 0, at: 10 });
    chain();
    request(700, 0, 11);
    expect(await records()).to.deep.equal(['0 12 response']);
  });

  it('gives a request its place when word of drops before it must have come', async () => {
    say(0, { clock: 0 });
    say(0, { plan: 0, at: 0 });
    chain();
    request(0, 0, 100.5);
    now = 500;
    session.pulse();
    expect(session.paths()[0]).to.include({ sent: 0 });
    say(0, { drop: 0, at: 0.5 });
    now = 501;
    session.pulse();
    expect(session.paths()[0]).to.include({ sent: 1, dropped: 1 });
    expect(await records()).to.deep.equal(['0 0 dropped', '1 100 response']);
    expect(session.degraded()).to.deep.equal(['1 request dropped: no virtual user of the path was free']);
  });

  it('writes a shortage in its place, and tells what nobody told of from what was dropped', async () => {
    say(0, { clock: 0 });
    say(0, { plan: 0, at: 0 });
    chain();
    request(0, 0, 0);
    request(0, 1, 100, { e: 'local:EMFILE' });
    say(0, { drop: 0, at: 200 });
    request(0, 3, 401);
    now = 500;
    expect(await records()).to.deep.equal([
      '0 0 response',
      '1 100 dropped',
      '2 200 dropped',
      '3 300 dropped',
      '4 400 response',
    ]);
    expect(session.degraded()).to.deep.equal([
      '1 request dropped: no virtual user of the path was free',
      '1 request dropped: the machine of k6 ran short of resources (EMFILE)',
      '1 request dropped: no word of them came from k6',
    ]);
    expect(session.summary().counts[0]).to.include({ due: 5, sent: 2, dropped: 3 });
  });

  it('doubts what it cannot read, what was lost and a busy machine, and passes over paths that are not there', async () => {
    tell(`nonsense ${'x'.repeat(200)}`);
    say(0, { clock: 0, lost: 2 });
    session.busy(0.95);
    request(0, 0, 0, { p: 7 });
    tell('{"drop":7,"at":1}');
    tell('{"plan":7,"at":1}');
    expect(session.degraded().toSorted()).to.deep.equal([
      '2 request records lost',
      `a line of the extension cannot be read: nonsense ${'x'.repeat(90)}…`,
      'the load generator was saturated: its thread was busy 95 % of the time',
    ]);
    expect(await records()).to.deep.equal([]);
  });

  it('writes nothing where the clock of k6 was never told', async () => {
    say(0, { drop: 0, at: 5 });
    request(0, 0, 105);
    now = 900;
    expect(await records()).to.deep.equal([]);
    expect(session.degraded()).to.deep.equal([
      '1 request dropped: no virtual user of the path was free',
      'k6 has told of requests and not of its clock',
    ]);
  });

  it('writes what was dropped before anything was sent', async () => {
    say(0, { clock: 0 });
    for (const at of [5, 105]) say(0, { drop: 0, at });
    now = 900;
    expect(await records()).to.deep.equal(['0 5 dropped', '1 105 dropped']);
  });

  it('misses nothing where nothing was due before the end', async () => {
    say(0, { clock: 0 });
    tell('{"bye":1}');
    now = 60_000;
    expect(await records()).to.deep.equal([]);
    expect(session.degraded()).to.deep.equal([]);
    expect(session.summary().counts[0]).to.include({ due: 0 });
  });

  it('is whole when the extension has said goodbye', () => {
    expect(session.whole).to.equal(false);
    tell('{"bye":1}');
    expect(session.whole).to.equal(true);
  });
});
