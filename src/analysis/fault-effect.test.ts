import { expect } from 'chai';
import type { FaultStep, HistoryEvent } from '../model/history.ts';
import { findingOf, judged } from './testing/handmade.ts';
import type { HistoryBuilder } from './testing/history-builder.ts';
import type { Raw } from './testing/record-file.ts';
import { faultOn } from './testing/world.ts';

const ID = 'faultEffect/mockb-north-a';

/** The runner looks again during hold and writes what it finds. */
const look =
  (step: FaultStep, t: number, detail?: string) =>
  (history: HistoryBuilder): void =>
    void history.at(t * 1e6, {
      type: 'fault',
      fault: 'mockb-north-a',
      step,
      ...(detail !== undefined && { detail }),
    });

describe('analysis: a fault that somebody reverts', () => {
  const expectations = { recoveryTime: { withinMs: 5000, consecutive: 5, lastingMs: 1000 } };

  it('is inconclusive and says when it was found off, although it was proven', async () => {
    const result = await judged({ expect: expectations, events: look('not-proven', 20.3, 'the old image is back.') });
    const finding = findingOf(result, ID);
    expect([finding.verdict, result.verdict]).to.deep.equal(['inconclusive', 'inconclusive']);
    expect(finding.cause).to.equal('it was found off 10.00 s after its effect, before its undo: the old image is back');
    expect(finding.hint).to.match(/GitOps/);
    expect(result.reason).to.match(/^mockb-north-a did not stay on: it was found off 10\.00 s after its effect/);
    const row = result.evidence.find(({ text }) => /not-proven: the old image is back/.test(text));
    expect(finding.evidence).to.include(row?.id);
    expect(findingOf(result, 'recoveryTime/entry@tokyo/north-a').verdict).to.equal('inconclusive');
  });

  it('says since when it was off, where a look before had seen it', async () => {
    const step = { type: 'fault', fault: 'mockb-north-a', step: 'not-proven' } as const;
    const events = (history: HistoryBuilder): void => void history.at(20.3e6, { ...step, since: 18.3e6 });
    expect(findingOf(await judged({ events }), ID).cause).to.contain('it was found off 8.00 s after its effect');
  });

  it('stays inconclusive when it came back later', async () => {
    const events = (history: HistoryBuilder): void => {
      look('not-proven', 20)(history);
      look('proven', 22)(history);
    };
    expect(findingOf(await judged({ events }), ID).verdict).to.equal('inconclusive');
  });

  it('holds when it was proven at the second look, and when it went only after the undo was asked for', async () => {
    expect(findingOf(await judged({ events: look('not-proven', 10.2) }), ID).verdict).to.equal('pass');
    expect(findingOf(await judged({ events: look('not-proven', 30.5) }), ID).verdict).to.equal('pass');
  });
});

describe('analysis: a fault on pods that served nothing', () => {
  const base = faultOn('north-a');
  const idle = { ...base, affected: base.affected.map((pod) => ({ ...pod, ip: '10.99.0.1' })) };

  for (const signature of ['stops-serving', 'restarts'] as const) {
    it(`is inconclusive, whatever the cluster showed: ${signature}`, async () => {
      const result = await judged({ fault: { ...idle, signature }, callers: {} });
      const finding = findingOf(result, ID);
      expect([finding.verdict, finding.samples, result.verdict]).to.deep.equal(['inconclusive', 0, 'inconclusive']);
      expect(finding.cause).to.equal(
        'no request had been served by its pods, so the requests say nothing about this fault',
      );
      expect(finding.hint).to.equal(
        'Point the load at a path through these pods, or the fault at pods behind the path.',
      );
      expect(result.story.some(({ text }) => text.includes('say nothing about this fault'))).to.equal(true);
    });
  }

  it('is inconclusive when no request can meet them at all', async () => {
    const affected = [
      { ...base.affected[0], workload: 'cron', pod: 'cron-1', ip: '10.99.0.1' },
    ] as typeof base.affected;
    const result = await judged({ fault: { ...base, affected }, callers: {}, endpoints: false });
    expect(findingOf(result, ID).cause).to.match(/^no request had been served by its pods/);
  });

  it('holds when they serve only after an earlier fault has moved the traffic to them', async () => {
    const late = faultOn('north-b');
    const step = { type: 'fault', fault: late.name } as const;
    const result = await judged({
      callers: { 'north-a': { failures: [[10.2, 10.5]], away: [10.2, 32] } },
      place: (t) => (t < 20.1e6 ? 'north-b' : 'north-c'),
      records: (all) => all.filter(({ path }) => path !== 1),
      headers: [late],
      events: (history) => {
        history.at(20e6, { ...step, step: 'requested' }).at(20.1e6, { ...step, step: 'acknowledged' });
        history.at(20.3e6, { ...step, step: 'proven' }).at(30e6, { ...step, step: 'undo-requested' });
        history.at(31e6, { ...step, step: 'undone', objects: [] });
      },
    });
    expect(findingOf(result, 'faultEffect/mockb-north-b').verdict).to.equal('pass');
  });

  it('is judged by place when the answers have no addresses, and says so', async () => {
    const records = (all: Raw[]): Raw[] =>
      all.map(({ chain, ...rest }) => ({
        ...rest,
        chain: chain && { ...chain, hops: chain.hops.map((hop) => ({ ...hop, ip: '' })) },
      }));
    const fault = { ...faultOn('north-a', 1), signature: 'restarts' } as const;
    const finding = findingOf(await judged({ fault, records }), ID);
    expect(finding.verdict).to.equal('pass');
    expect(finding.story).to.match(/had come from where its pods are, but the answers do not tell whether from them/);
  });

  it('holds for a gateway that restarts when its path was used', async () => {
    const pod = { cluster: 'tokyo', namespace: 'istio-system', zone: 'north-a', ip: '10.9.9.9' };
    const affected = [{ ...pod, workload: 'istio-ingressgateway', pod: 'gw-a' }];
    const fault = { ...base, signature: 'restarts' as const, affected };
    expect(findingOf(await judged({ fault, callers: {} }), ID).verdict).to.equal('pass');
  });
});

describe('analysis: a fault aside of all requests', () => {
  const base = faultOn('north-a');
  const affected = base.affected.map((pod) => ({ ...pod, ip: '10.99.0.1' }));
  const fault = { ...base, signature: 'aside', affected } as const;

  it('is established by what the cluster shows alone', async () => {
    const finding = findingOf(await judged({ fault, callers: {} }), ID);
    expect([finding.verdict, finding.story]).to.match(/^pass,.*; no answer tells of its pods\.$/);
  });

  it('is not established where the cluster does not show it', async () => {
    const history = (events: HistoryEvent[]) =>
      events.map((one) => (one.type === 'fault' && one.step === 'proven' ? { ...one, observed: false } : one));
    expect(findingOf(await judged({ fault, callers: {}, history }), ID).cause).to.equal(
      'neither the cluster nor any request can show this effect',
    );
  });
});

describe('analysis: a fault that degrades', () => {
  const base = faultOn('north-a');
  const fault = { ...base, signature: 'degrades' } as const;

  it('is not contradicted by answers of its pods, as one that stops them is', async () => {
    const stops = findingOf(await judged({ fault: base, callers: {} }), ID);
    expect([stops.verdict, stops.cause]).to.match(/inconclusive.*contradict/);
    const finding = findingOf(await judged({ fault, callers: {} }), ID);
    expect([finding.verdict, finding.story]).to.match(/pass.*while it is on they may go on answering/);
  });

  it('begins with its outage, and not with the last answer of pods that go on answering', async () => {
    const { zeroFrom } = await judged({ fault, callers: { 'north-a': { failures: [[10.2, 10.5]] } } });
    expect(zeroFrom).to.be.within(10.1e6, 10.4e6);
  });

  it('is not established where only requests could show it', async () => {
    const history = (events: HistoryEvent[]) =>
      events.map((one) => (one.type === 'fault' && one.step === 'proven' ? { ...one, observed: false } : one));
    expect(findingOf(await judged({ fault, callers: {}, history }), ID).cause).to.equal(
      'only requests can show this effect, and its pods may go on answering, so that nothing does',
    );
  });

  it('says nothing of pods that its proof does not name', async () => {
    const other = { ...base.affected[0], pod: 'idle', ip: '10.99.0.1' } as (typeof base.affected)[number];
    const named = (affected: typeof base.affected) =>
      judged({
        fault,
        callers: {},
        history: (events) =>
          events.map((one) => (one.type === 'fault' && one.step === 'proven' ? { ...one, affected } : one)),
      });
    expect(findingOf(await named([other]), ID).cause).to.match(/^no request had been served by its pods/);
    expect(findingOf(await named(base.affected), ID).verdict).to.equal('pass');
  });
});
