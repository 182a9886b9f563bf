import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import fc from 'fast-check';
import { SessionUnderTest, seen } from '../testing/session-under-test.ts';

describe('load/k6/records/session: what the words of k6 leave open', () => {
  let folder = '';
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'faultline-session-'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  it('counts what a script does before a request, but not its earlier requests that are judged', async () => {
    const stage = await SessionUnderTest.open(folder, { scripted: true });
    stage.session.begin();
    stage.tell(0, 0, { t0: 30 });
    stage.tell(1, 104, { t0: 341.5, w: 37.5 });
    const records = await stage.at(740).read(0).close();
    expect(records.slice(0, 2).map(({ due, start }) => [due / 1000, start / 1000])).to.deep.equal([
      [0, 30],
      [137.5, 341.5],
    ]);
  });

  it('says that a script is slow before its requests', async () => {
    const stage = await SessionUnderTest.open(folder, { scripted: true });
    stage.session.begin();
    stage.tell(0, 0, { t0: 300 });
    await stage.at(740).read(0).close();
    expect(stage.session.degraded().join()).to.match(/sent late.*,the script takes its time before its requests/);
  });

  it('says nothing of a script where there is none', async () => {
    const stage = await SessionUnderTest.open(folder);
    stage.session.begin();
    stage.tell(0, 0, { t0: 300 });
    await stage.at(740).read(0).close();
    expect(stage.session.degraded().join()).to.contain('sent late').and.not.contain('script');
  });

  it('does not take one iteration for two', async () => {
    const stage = await SessionUnderTest.open(folder);
    stage.session.begin();
    stage.tell(0, 0);
    stage.tell(0, 0);
    stage.tell(2, 200);
    const records = await stage.at(740).read(0).close();
    expect(seen(records).slice(0, 3)).to.deep.equal(['0 0 response', '1 100 dropped', '2 200 response']);
    expect(stage.session.degraded().join()).to.contain('told of an iteration twice');
  });

  it('misses what a script never sends, in the places that its other requests show', async () => {
    const stage = await SessionUnderTest.open(folder, { scenarioOf: [0, 0, 1], scripted: true });
    stage.session.begin();
    stage.at(440).read(0, { drops: [0, 1] });
    for (const i of [0, 1]) stage.tell(i, i * 100);
    expect(stage.session.complete).to.equal(false);
    for (const i of [0, 1]) stage.tell(i, 50 + i * 100, { p: 2 });
    stage.at(451);
    const records = await stage.close();
    expect(seen(records.filter(({ path }) => path === 1))).to.deep.equal(['0 0 dropped', '1 100 dropped']);
    expect(seen(records.filter(({ path }) => path === 2))).to.deep.equal(['0 50 response', '1 150 response']);
    expect(stage.session.degraded()).to.deep.equal([
      '1 request dropped: no virtual user of the path was free',
      '2 requests dropped: no word of them came from k6, or the script did not send them',
    ]);
  });

  it('is complete when everything that is missing is known to be dropped', async () => {
    const stage = await SessionUnderTest.open(folder);
    stage.session.begin();
    for (const [i, place] of [0, 1, 4].entries()) stage.tell(i, place * 100);
    stage
      .at(790)
      .read(0, { drops: [1] })
      .session.end();
    stage.session.pulse(true);
    expect(stage.session.complete).to.equal(false);
    stage.read(0, { drops: [2] });
    expect(stage.session.complete).to.equal(true);
    expect(seen(await stage.close())).to.have.length(5);
    expect(stage.session.degraded()).to.deep.equal(['2 requests dropped: no virtual user of the path was free']);
  });

  it('counts from the end on as soon as the first words have come', async () => {
    const stage = await SessionUnderTest.open(folder);
    stage.session.begin();
    stage.at(550).session.end();
    expect(stage.session.complete).to.equal(false);
    for (const i of [0, 1, 2, 3]) stage.tell(i, i * 100);
    stage.at(700).read(0).session.pulse(true);
    expect(stage.session.complete).to.equal(true);
    expect(seen(await stage.close())).to.deep.equal([0, 1, 2].map((seq) => `${seq} ${seq * 100} response`));
  });

  it('does not count more because a clock gets known better after the end', async () => {
    const stage = await SessionUnderTest.open(folder);
    stage.session.begin();
    for (const i of [0, 1, 2, 3, 4]) stage.tell(i, i * 100);
    stage.at(1650).read(1000, { doubt: 60 }).session.end();
    expect(stage.session.complete).to.equal(false);
    stage.at(1700).read(940).session.pulse(true);
    expect((await stage.close()).map(({ seq }) => seq)).to.deep.equal([0, 1, 2, 3]);
  });

  it('leaves no gap where k6 has ended by itself', async () => {
    const stage = await SessionUnderTest.open(folder);
    stage.session.begin();
    for (const i of [0, 1, 2, 3, 4, 5]) stage.tell(i, i * 100);
    stage.tell(6, 650);
    stage.at(690).read(0, { drops: [0] });
    expect((await stage.close()).map(({ seq }) => seq)).to.deep.equal([0, 1, 2, 3]);
  });

  it('is not complete, and says so, as long as a k6 has told too little to place it', async () => {
    const stage = await SessionUnderTest.open(folder);
    stage.session.begin();
    stage.tell(0, 0);
    stage.at(900).session.end();
    expect(stage.session.complete).to.equal(false);
    stage.at(950).session.pulse();
    expect(await stage.close()).to.deep.equal([]);
    expect(stage.session.degraded()).to.deep.equal(['k6 has not told of a request on every path']);
  });

  it('drops what the machine of a k6 ran short for, in its place', async () => {
    const stage = await SessionUnderTest.open(folder);
    stage.session.begin();
    stage.tell(0, 0);
    stage.tell(1, 100, { s: undefined, e: 1210, m: 'dial: cannot assign requested address' });
    stage.tell(2, 200, { s: undefined, e: 1212, m: 'dial: refused' });
    const records = await stage.at(510).read(0).close();
    expect(seen(records)).to.deep.equal(['0 0 response', '1 100 dropped', '2 200 error']);
    expect(records[2]).to.include({ error: 'refused', chain: -1, status: 0, end: 201_000 });
    expect(stage.session.degraded()).to.deep.equal([
      '1 request dropped: the machine of k6 ran short of resources (EADDRNOTAVAIL)',
    ]);
  });

  it('says which clock has jumped, and which is known too little', async () => {
    const stage = await SessionUnderTest.open(folder, { sources: ['pod a', 'pod b', 'pod c'] });
    stage.at(1000).read(0).read(0, { source: 1, doubt: 49 });
    expect(stage.session.degraded()).to.deep.equal([]);
    stage.at(2000).read(400).read(0, { source: 1, doubt: 49 }).read(0, { source: 2, doubt: 51 });
    expect(stage.session.degraded()).to.deep.equal([
      'the clock of pod a jumped by 400ms',
      'the clock of pod c is only known to ±51ms',
    ]);
    stage.session.complain('something else');
    stage.session.busy(0.9);
    expect(stage.session.degraded()).to.have.length(4);
    expect(stage.session.summary().degraded).to.deep.equal(stage.session.degraded());
    await stage.close();
  });

  it('property: no line and no order of lines breaks it', async () => {
    const NUMBER = fc.oneof(fc.nat({ max: 30 }), fc.constantFrom(-1, 0.5, 1e6, 2 ** 40, 1e15, 1e300));
    const TIMES = fc.tuple(NUMBER, NUMBER, NUMBER).map((times) => times.toSorted((a, b) => a - b));
    const LINE = fc
      .tuple(fc.constantFrom(0, 0, 0, 1, -1), NUMBER, TIMES, NUMBER)
      .map(([p, i, [b, t0, t1], s]) => ({ p, i, b, t0, t1, s }));
    await fc.assert(
      fc.asyncProperty(fc.array(LINE, { maxLength: 20 }), fc.boolean(), async (lines, early) => {
        const stage = await SessionUnderTest.open(folder);
        stage.session.begin();
        if (early) stage.read(0);
        for (const line of lines) stage.session.line(stage.source(), JSON.stringify(line));
        stage.at(2000).read(0).session.pulse();
        const records = await stage.close();
        expect(new Set(records.map(({ seq }) => seq)).size).to.equal(records.length);
        expect(records.every(({ due, start, end }) => due <= start && start <= 2_050_000 && end >= start)).to.equal(
          true,
        );
      }),
      { numRuns: 200 },
    );
  });
});
