import { expect } from 'chai';
import { findingOf, judged, recovering } from './testing/handmade.ts';
import type { HistoryBuilder } from './testing/history-builder.ts';
import type { Raw } from './testing/record-file.ts';
import { faultOn, ORDER, pathOf, ZONES } from './testing/world.ts';

const RECOVERY = { withinMs: 5000, consecutive: 5, lastingMs: 1000 };
const NORTH_A = pathOf('north-a');

const onPath = (records: readonly Raw[], is: (seq: number) => boolean): Raw[] =>
  records.filter((record) => record.path !== 0 || !is(record.seq));

describe('analysis: what is not known', () => {
  const expectations = { recoveryTime: RECOVERY, failoverOrder: [ORDER] };

  it('requests without a record spoil the load, and a pass of their path, but no other', async () => {
    const result = await judged({ expect: expectations, records: (all) => onPath(all, (seq) => seq === 300) });
    expect(findingOf(result, 'loadQuality/load').cause).to.equal('1 request without a record');
    expect(findingOf(result, `recoveryTime/${NORTH_A}`).verdict).to.equal('inconclusive');
    expect(findingOf(result, `recoveryTime/${pathOf('north-b')}`).verdict).to.equal('pass');
    expect(findingOf(result, 'failoverOrder/mockb/north-a').verdict).to.equal('inconclusive');
  });

  it('a clear fail stays a fail', async () => {
    const result = await judged({
      expect: expectations,
      callers: { 'north-a': { failures: [[10.2, 18]], away: [10.2, 32] } },
      records: (all) => onPath(all, (seq) => seq === 500),
    });
    expect(findingOf(result, `recoveryTime/${NORTH_A}`).verdict).to.equal('fail');
  });

  it('records that end before the engine stopped are noticed', async () => {
    const counts = ZONES.map((zone) => ({ path: pathOf(zone), due: 900, sent: 900, dropped: 0, late: 0 }));
    const result = await judged({
      events: (history) => history.at(44.9e6, { type: 'load', counts, lateP99: 0, degraded: [] }),
      records: (all) => onPath(all, (seq) => seq >= 897),
    });
    expect(findingOf(result, 'loadQuality/load').cause).to.equal(`the records of ${NORTH_A} end 3 requests early`);
  });

  it('records that end before the fault does decide nothing on their path', async () => {
    const result = await judged({ expect: expectations, records: (all) => onPath(all, (seq) => seq >= 400) });
    expect(findingOf(result, 'loadQuality/load').cause).to.equal(`the records of ${NORTH_A} end before the undo`);
    expect(findingOf(result, `recoveryTime/${NORTH_A}`).verdict).to.equal('inconclusive');
  });

  it('a time in which nothing was due hides whatever happened then', async () => {
    const silent = (from: number, to: number) =>
      judged({
        expect: expectations,
        records: (all) => {
          const kept = all.filter(({ path, due }) => path !== 0 || due < from * 1e6 || due >= to * 1e6);
          const before = kept.filter(({ path, due }) => path === 0 && due < from * 1e6).length;
          const jump = all.filter(({ path }) => path === 0).length - kept.filter(({ path }) => path === 0).length;
          // Numbered without a gap, as a generator does that believes nothing was due.
          return kept.map((record) =>
            record.path === 0 && record.seq >= before ? { ...record, seq: record.seq - jump } : record,
          );
        },
      });
    const long = await silent(9, 13);
    expect(findingOf(long, 'loadQuality/load').cause).to.equal(
      'about 80 requests that the rate asks for were never due',
    );
    expect(long.verdict).to.equal('inconclusive');
    expect((await silent(20, 20.6)).verdict).to.equal('inconclusive');
    expect(findingOf(await silent(20, 20.2), 'loadQuality/load').verdict).to.equal('pass');
  });

  it('an engine that takes long to stop has lost nothing', async () => {
    const failback = { withinMs: 15_000 };
    const slowStop = (recoverEnds: number) =>
      judged({
        expect: { failback },
        events: (history) => {
          history.at(31e6, { type: 'phase-start', phase: 'recover' });
          history.at(recoverEnds, { type: 'phase-end', phase: 'recover' });
        },
        records: (all) => all.filter(({ due }) => due < 40e6),
      });
    const verdicts = async (ends: number) =>
      (await slowStop(ends)).findings.filter(({ objective }) => objective === 'failback').map(({ verdict }) => verdict);
    expect(await verdicts(40.5e6)).to.deep.equal(['pass']);
    expect(await verdicts(42e6)).to.deep.equal(['inconclusive']);
  });

  it('a load generator that was not trustworthy is believed', async () => {
    const result = await judged({
      events: (history) =>
        history.at(44.9e6, { type: 'load', counts: [], lateP99: 0, degraded: ['event loop blocked for 900 ms'] }),
    });
    expect(findingOf(result, 'loadQuality/load').cause).to.match(/event loop blocked/);
    expect(result.verdict).to.equal('inconclusive');
  });

  it('a generator that stood still is not the failure of the target, and no pass either', async () => {
    const timeout = { ended: 'error', status: 0, error: 'timeout', chain: undefined } as const;
    const still = (pause: number) => ({
      expect: { ...expectations, errorBudget: { perPath: 10 }, unaffected: { except: [{ zone: 'north-a' }] } },
      records: (all: Raw[]) =>
        all.map((record) => {
          const late = record.due < 20e6 || record.due >= 23e6 ? 0 : Math.max(0, 20e6 + pause - record.start);
          const sent = { ...record, start: record.start + late, end: record.end + late };
          // The timeout of 2 s counts from the due time.
          if (sent.end <= record.due + 2e6) return sent;
          return { ...sent, end: Math.max(sent.start, record.due + 2e6), ...timeout };
        }),
    });
    const long = await judged(still(3e6));
    expect(long.findings.filter(({ verdict }) => verdict === 'fail')).to.deep.equal([]);
    expect(long.verdict).to.equal('inconclusive');
    const cause = findingOf(long, 'loadQuality/load').cause;
    expect(cause).to.match(/^\d+ requests too late only because the load generator sent them late$/);
    expect(findingOf(long, `recoveryTime/${NORTH_A}`).verdict).to.equal('inconclusive');
    const short = await judged(still(0.9e6));
    expect(findingOf(short, `recoveryTime/${NORTH_A}`).verdict).to.equal('pass');
    expect(findingOf(short, `unaffected/${pathOf('north-b')}`).cause).to.match(/^nothing was sent for 0\.\d+ s/);
    expect((await judged(recovering(still(0.2e6)))).verdict).to.equal('pass');
    const samples = [long, short].map((result) => findingOf(result, 'loadQuality/load').samples);
    expect(samples[0]).to.equal(samples[1]);
  });

  it('a request that was sent late and then failed, or took too long by itself, is bad all the same', async () => {
    const result = await judged({
      expect: { errorBudget: { perPath: 10 } },
      records: (all) =>
        all.map((record) => {
          if (record.path !== 0 || record.seq < 400 || record.seq >= 420) return record;
          const start = record.due + 1_500_000;
          if (record.seq % 2 === 0) return { ...record, start, end: start + 1_000_001 };
          return { ...record, start, end: start + 5000, status: 503 };
        }),
    });
    expect(findingOf(result, 'errorBudget/perPath').measured?.lo).to.equal(26);
  });

  it('a timeout after most of its time is bad, however jittery the generator', async () => {
    const result = await judged({
      expect: { errorBudget: { perPath: 10 } },
      records: (all) =>
        all.map((record) => {
          if (record.path !== 0 || record.seq < 400 || record.seq >= 420) return record;
          const { due } = record;
          const cut = { ended: 'error', status: 0, error: 'timeout', chain: undefined } as const;
          return { ...record, ...cut, start: due + 500_000, end: due + 1_000_000 };
        }),
    });
    expect(findingOf(result, 'errorBudget/perPath').measured?.lo).to.equal(26);
  });

  it('a path of the topology without any request is noticed', async () => {
    const result = await judged({ expect: expectations, records: (all) => onPath(all, () => true) });
    expect(findingOf(result, 'loadQuality/load').cause).to.equal(`no requests on ${NORTH_A}`);
    expect(findingOf(result, `recoveryTime/${NORTH_A}`).verdict).to.equal('inconclusive');
  });
});

describe('analysis: what counts as bad, moved and undone', () => {
  it('a complete answer that came too late is bad', async () => {
    const isSlow = ({ path, seq }: Raw): boolean => path === 0 && seq >= 240 && seq < 260;
    const result = await judged({
      expect: { errorBudget: { perPath: 10 } },
      records: (all) => all.map((record) => (isSlow(record) ? { ...record, end: record.due + 1_000_001 } : record)),
    });
    expect(findingOf(result, 'errorBudget/perPath').measured?.lo).to.equal(26);
    expect(result.budget.groups.map(({ cause, count }) => [cause, count])).to.deep.include(['slower than 1000 ms', 20]);
  });

  it('callers that are home only now and then are not home', async () => {
    const result = await judged({
      expect: { failback: { withinMs: 8000 } },
      callers: { 'north-a': { failures: [[10.2, 10.5]], away: [10.2, 99] } },
      place: (t) => (t > 32e6 && Math.floor(t / 50_000) % 3 !== 0 ? 'north-a' : 'north-b'),
    });
    expect(findingOf(result, 'failback/mockb/north-a').verdict).to.equal('fail');
  });

  it('as many good requests in a row as asked for are needed, however long they last', async () => {
    const result = await judged({
      expect: { recoveryTime: { withinMs: 5000, consecutive: 30, lastingMs: 100 } },
      callers: {
        'north-a': { failures: Array.from({ length: 10 }, (_, i) => [10.2 + i, 10.3 + i] as const), away: [10.2, 32] },
      },
    });
    expect(findingOf(result, `recoveryTime/${NORTH_A}`).verdict).to.equal('fail');
    expect(result.recoveries[0]?.flaps).to.equal(0);
  });

  it('a path that failed before any fault does not set the clock', async () => {
    const noise = Array.from({ length: 26 }, (_, i) => [1 + i, 1.06 + i] as const);
    const result = await judged({
      expect: { recoveryTime: RECOVERY },
      times: { proven: 24 },
      effective: 23,
      callers: { 'north-a': { failures: [[23, 23.5]], away: [23, 32] }, 'south-h': { failures: noise } },
    });
    expect(result.zero).to.equal(23e6);
  });

  it('an effect that the cluster dates before the acknowledgement counts from there', async () => {
    const nowhere = { ...faultOn('north-a'), affected: [] };
    const result = await judged({ fault: nowhere, effective: 9, callers: {} });
    expect([result.zero, result.faults[0]?.effective]).to.deep.equal([10.1e6, 10.1e6]);
  });

  it('a proof that only read objects back needs requests that show it', async () => {
    const step = { type: 'fault', fault: 'mockb-north-a', step: 'proven', observed: false } as const;
    const run = { effective: null, events: (h: HistoryBuilder) => h.at(10.7e6, step) };
    expect(findingOf(await judged(run), 'faultEffect/mockb-north-a').verdict).to.equal('pass');
    const idle = {
      ...faultOn('north-a'),
      affected: faultOn('north-a').affected.map((pod) => ({ ...pod, ip: '10.99.0.1' })),
    };
    const unseen = findingOf(await judged({ ...run, fault: idle, callers: {} }), 'faultEffect/mockb-north-a');
    expect([unseen.verdict, unseen.cause]).to.deep.equal([
      'inconclusive',
      'only requests can show this effect, and none of them had been served by its pods',
    ]);
  });

  it('callers that a fault silenced are home when they are served there again', async () => {
    const result = await judged({
      expect: { failback: { withinMs: 8000 } },
      callers: { 'north-a': { failures: [[10.2, 35]], mode: 'timeout' } },
    });
    const finding = findingOf(result, 'failback/mockb/north-a');
    expect(finding.verdict).to.equal('pass');
    expect(finding.measured?.hi).to.be.within(4, 4.2);
  });

  it('an undo that never ended is not put back, even when the run says it completed', async () => {
    const fault = { ...faultOn('north-b'), name: 'second' };
    const result = await judged({
      events: (history) => history.at(12e6, { type: 'fault', fault: fault.name, step: 'requested' }),
    });
    expect(findingOf(result, 'putBack/clusters').cause).to.match(/second was injected and its undo never ended/);
    expect([result.exitCode, result.verdict]).to.deep.equal([5, 'fail']);
  });
});
