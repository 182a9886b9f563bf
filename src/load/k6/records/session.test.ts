import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { SessionUnderTest, seen } from '../testing/session-under-test.ts';

describe('load/k6/records/session: records from the words of k6', () => {
  let folder = '';
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'faultline-session-'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  it('puts the requests of one k6 on the axis of the run', async () => {
    const stage = await SessionUnderTest.open(folder);
    stage.session.begin();
    // What lies between the beginning of an iteration and its request is k6's lateness, where no script has work of its own.
    for (const [i, b] of [0.2, 100.9, 203].entries())
      expect(stage.tell(i, b, { t0: b + (i === 2 ? 0.5 : 0) })).to.equal(true);
    stage.at(1510).read(1000);
    expect(stage.session.line(stage.source(), 'words of a script')).to.equal(false);
    expect(stage.tell(0, 1, { p: 1 })).to.equal(false);
    const [first, , last] = await stage.close();
    expect(first).to.deep.include({ path: 0, seq: 0, due: 1_000_200, start: 1_000_200, end: 1_001_200, fresh: true });
    expect(first).to.include({ ended: 'response', status: 200, chain: 0 });
    expect(last).to.include({ seq: 2, due: 1_200_200, start: 1_203_500, end: 1_204_500 });
    expect(stage.session.degraded()).to.deep.equal([]);
    expect(stage.session.summary()).to.deep.include({
      counts: [{ path: 'path0', due: 3, sent: 3, dropped: 0, late: 0 }],
    });
  });

  it('puts two k6 with clocks and starts of their own on one axis, one after the other, from the same moment on', async () => {
    const stage = await SessionUnderTest.open(folder, { sources: ['pod a', 'pod b'] });
    // a: places at 100, 300, 500, 700 …; b: places at 400, 600, 800 …
    const a = (i: number) => stage.tell(i, i * 200);
    const b = (i: number) => stage.tell(i, 50 + i * 200, { source: 1 });
    for (const i of [0, 1, 2]) a(i);
    for (const i of [0, 1]) b(i);
    stage.at(650).read(100).read(350, { source: 1 }).session.pulse(true);
    stage.session.begin();
    for (const i of [4, 3, 5]) a(i);
    for (const i of [2, 3]) b(i);
    stage.at(1450).read(100).read(350, { source: 1 });
    const records = await stage.close();
    expect(seen(records)).to.deep.equal([
      '0 700 response',
      '1 800 response',
      '2 900 response',
      '3 1000 response',
      '4 1100 response',
    ]);
    expect(stage.session.degraded()).to.deep.equal([]);
  });

  it('begins with the k6 whose turn it is, whatever the order in which they are named', async () => {
    const stage = await SessionUnderTest.open(folder, { sources: ['pod a', 'pod b'] });
    stage.tell(0, 0);
    stage.tell(0, 0, { source: 1 });
    stage.at(350).read(300).read(200, { source: 1 });
    stage.session.begin();
    stage.tell(1, 200, { source: 1 });
    stage.tell(1, 200);
    expect(seen(await stage.at(850).close())).to.deep.equal(['0 400 response', '1 500 response']);
  });

  it('leaves no gap at the end where clocks that are known better by then change who comes first', async () => {
    const stage = await SessionUnderTest.open(folder, { sources: ['pod a', 'pod b'] });
    stage.tell(0, 0);
    stage.tell(0, 20, { source: 1 });
    stage.at(250).read(100, { doubt: 60 }).read(100, { source: 1 });
    stage.session.begin();
    stage.at(1035).read(150).read(100, { source: 1 });
    for (const i of [1, 2, 3]) stage.tell(i, i * 200);
    for (const i of [1, 2, 3]) stage.tell(i, 20 + i * 200, { source: 1 });
    stage.session.end();
    stage.session.pulse(true);
    expect(stage.session.complete).to.equal(true);
    const records = await stage.at(1100).close();
    expect(seen(records)).to.deep.equal(['0 350 response', '1 320 response', '2 550 response', '3 520 response']);
  });

  it('counts nothing that is due after the end, and waits for what was due before', async () => {
    const stage = await SessionUnderTest.open(folder);
    stage.session.begin();
    for (const i of [0, 1, 2]) stage.tell(i, i * 100);
    stage.at(650).read(0);
    stage.session.end();
    // The end counts 300 ms before it is called, because of what k6 may start late.
    expect(stage.session.complete).to.equal(false);
    stage.tell(4, 400);
    expect(stage.session.complete).to.equal(false);
    stage.tell(3, 300);
    stage.session.pulse(true);
    stage.at(2000).read(0, { drops: [5] });
    expect(stage.session.complete).to.equal(true);
    expect(seen(await stage.close())).to.deep.equal([0, 1, 2, 3].map((seq) => `${seq} ${seq * 100} response`));
    expect(stage.session.degraded()).to.deep.equal([]);
  });

  it('waits half a second for word of a drop, and gives what was dropped its place', async () => {
    const stage = await SessionUnderTest.open(folder);
    stage.session.begin();
    stage.at(399).read(0);
    stage.tell(0, 0);
    stage.tell(1, 301);
    stage.session.pulse();
    expect(stage.session.paths()[0]).to.include({ sent: 0 });
    stage.at(500).session.pulse();
    expect(stage.session.paths()[0]).to.include({ sent: 1 });
    stage
      .at(700)
      .read(0, { drops: [2] })
      .session.pulse();
    expect(stage.session.paths()[0]).to.include({ sent: 1, dropped: 2 });
    stage.at(801).session.pulse();
    expect(stage.session.paths()[0]).to.include({ sent: 2 });
    stage.at(601);
    expect(seen(await stage.close())).to.deep.equal([
      '0 0 response',
      '1 100 dropped',
      '2 200 dropped',
      '3 300 response',
    ]);
    expect(stage.session.degraded()).to.deep.equal(['2 requests dropped: no virtual user of the path was free']);
  });

  it('tells what it knows to be dropped from what it has heard nothing of', async () => {
    const stage = await SessionUnderTest.open(folder);
    stage.session.begin();
    stage.at(1301).read(0, { drops: [1] });
    stage.tell(0, 0);
    for (const i of [3, 4, 5, 6, 7, 8]) stage.tell(i, (i + 1) * 100);
    const records = await stage.close();
    expect(records.filter(({ ended }) => ended === 'dropped').map(({ seq }) => seq)).to.deep.equal([1, 2, 3, 10]);
    expect(stage.session.summary().counts[0]).to.include({ sent: 7, dropped: 4, due: 11 });
    expect(stage.session.degraded()).to.deep.equal([
      '1 request dropped: no virtual user of the path was free',
      '3 requests dropped: no word of them came from k6',
    ]);
  });

  it('does not take drops before its window for what is missing in it', async () => {
    const stage = await SessionUnderTest.open(folder, { sources: ['pod a', 'pod b'] });
    stage.tell(0, 0);
    stage.tell(0, 100, { source: 1 });
    stage
      .at(1000)
      .read(0, { drops: [4] })
      .read(0, { source: 1 });
    stage.session.begin();
    stage.at(1710);
    for (const b of [1000, 1400]) stage.tell(b / 200 - 4, b);
    for (const i of [5, 6]) stage.tell(i, 100 + i * 200, { source: 1 });
    stage.session.pulse(true);
    expect(stage.session.complete).to.equal(false);
    expect(seen(await stage.close()).filter((line) => line.endsWith('dropped'))).to.deep.equal(['2 1200 dropped']);
    expect(stage.session.degraded()).to.deep.equal(['1 request dropped: no word of them came from pod a']);
  });
});
