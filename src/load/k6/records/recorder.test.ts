import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { openRecordFile } from '../../record-writer.ts';
import { loadOf } from '../../testing/load-fixture.ts';
import { readRecords } from '../../testing/record-reader.ts';
import { Recorder } from './recorder.ts';

const RESPONSE = { status: 200, error: undefined, words: undefined, chain: 0 };
const TOLD = { path: 0, seq: 0, due: 100, start: 110, end: 120, ...RESPONSE, fresh: true };

describe('load/k6/records/recorder: records, live counts and doubts', () => {
  let folder = '';
  let recorder: Recorder;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'faultline-recorder-'));
    recorder = new Recorder(loadOf(), ['a', 'b'], await openRecordFile(join(folder, 'r')));
    const hops = ['mocka', 'mockb'].map((service) => ({ service, zone: 'z', ip: '' }));
    recorder.chain(0, { hops, rest: '' });
  });
  afterEach(async () => {
    await recorder.close().catch(() => undefined);
    await rm(folder, { recursive: true });
  });

  async function written() {
    await recorder.close();
    return (await readRecords(join(folder, 'r'))).records;
  }

  it('lets nothing start before it was due, nor end before it started', async () => {
    recorder.sent({ ...TOLD, start: 95.5, end: 90 });
    recorder.sent({ ...TOLD, seq: 1, due: 200.9, start: 210.9, end: 220.9 });
    const [first, second] = await written();
    expect(first).to.include({ due: 100, start: 100, end: 100 });
    expect(second).to.include({ due: 200, start: 210, end: 220 });
  });

  it('knows no status of a request that failed', async () => {
    const error = 'reset' as const;
    recorder.sent({ ...TOLD, error, chain: -1 });
    expect(recorder.paths(1000)[0]).to.include({ sent: 1, good: 0, bad: 1 });
    expect((await written())[0]).to.include({ ended: 'error', status: 0, error: 'reset' });
  });

  it("writes the words of an error once, and gives a request no other one's", async () => {
    const failed = {
      ...TOLD,
      error: 'refused',
      chain: -1,
      words: { message: 'connection refused', code: '' },
    } as const;
    recorder.sent(failed);
    recorder.sent({ ...failed, seq: 1 });
    recorder.sent({ ...failed, seq: 2, words: undefined });
    recorder.sent({ ...TOLD, seq: 3 });
    expect((await written()).map(({ text }) => text)).to.deep.equal([0, 0, -1, -1]);
    expect((await readRecords(join(folder, 'r'))).texts).to.deep.equal(['connection refused']);
  });

  it('judges a record by the same status that it writes', () => {
    recorder.sent({ ...TOLD, status: 503 });
    recorder.sent({ ...TOLD, seq: 1 });
    expect(recorder.paths(1000)[0]).to.include({ sent: 2, good: 1, bad: 1 });
  });

  it('counts path by path', async () => {
    recorder.sent({ ...TOLD, start: 20_101 });
    recorder.hole(0, 1, 200);
    recorder.dropped(0, 'why');
    recorder.sent({ ...TOLD, path: 1 });
    expect(recorder.summary(1000).counts).to.deep.equal([
      { path: 'a', due: 2, sent: 1, dropped: 1, late: 1 },
      { path: 'b', due: 1, sent: 1, dropped: 0, late: 0 },
    ]);
    expect((await written())[1]).to.include({ seq: 1, ended: 'dropped', due: 200, start: 200, end: 200 });
  });

  it('says every doubt once, with how often', () => {
    recorder.dropped(0, 'why');
    recorder.lost = 2;
    recorder.complain('once');
    for (let i = 0; i < 3; i += 1) recorder.complain('often');
    const expected = ['1 request dropped: why', '2 request records lost', 'once', 'often (3 times)'];
    expect(recorder.degraded()).to.deep.equal(expected);
    expect(recorder.summary(0).degraded).to.deep.equal(expected);
  });
});
