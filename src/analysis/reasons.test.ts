import { expect } from 'chai';
import { findingOf, type Handmade, judged, recovering } from './testing/handmade.ts';
import type { HistoryBuilder } from './testing/history-builder.ts';
import type { Raw } from './testing/record-file.ts';
import { clusterOf, endpointsOf, ipOf, ORDER, pathOf, ZONES } from './testing/world.ts';

const RECOVERY = { withinMs: 5000, consecutive: 5, lastingMs: 1000 };
const NORTH_A = pathOf('north-a');

/** One proxy of each zone; `ejected`: what it held before its statistics went, at a time or never. */
function proxies(history: HistoryBuilder, goneAt: number | undefined): void {
  for (const zone of ZONES) {
    const row = {
      type: 'ejections',
      cluster: clusterOf(zone),
      pod: `mocka-${zone}-0`,
      podNamespace: 'default',
      zone,
      service: 'mockb',
      namespace: 'default',
      port: 8000,
      overflow: 0,
    } as const;
    history.at(1e6, { ...row, active: 0, enforcedTotal: 0 });
    const enforcedTotal = zone === 'north-a' ? 2 : 0;
    if (enforcedTotal > 0) history.at(11e6, { ...row, active: 2, enforcedTotal });
    if (goneAt !== undefined) history.at(goneAt * 1e6, { ...row, active: 0, enforcedTotal, gone: true });
  }
}

describe('analysis: an outlierDetection that is taken away', () => {
  const run = (goneAt: number | undefined, more: Handmade = {}) =>
    judged({
      expect: { recoveryTime: RECOVERY, failoverOrder: [ORDER], failback: { withinMs: 5000 } },
      callers: {
        'north-a': {
          failures: [
            [10.2, 10.5],
            [20, 30],
          ],
          away: [10.2, 45],
        },
      },
      events: (history) => proxies(history, goneAt),
      ...more,
    });

  it('is the reason of what failed then, by its time and by who lost it', async () => {
    const result = await run(20);
    const recovery = findingOf(result, `recoveryTime/${NORTH_A}`);
    expect(recovery.verdict).to.equal('fail');
    expect(recovery.cause).to.contain(
      '5 of 5 calling proxies lost outlierDetection for mockb 10.00 s after the injection',
    );
    expect(recovery.hint).to.contain('DestinationRule');
    const home = findingOf(result, 'failback/mockb/north-a');
    expect(home.verdict).to.equal('fail');
    expect(home.hint).to.equal(recovery.hint);
  });

  it('counts although it came before the injection', async () => {
    const { cause } = findingOf(await run(9.6), `recoveryTime/${NORTH_A}`);
    expect(cause).to.contain('lost outlierDetection for mockb 0.400 s before the injection');
  });

  it('is told from hosts that came back too soon and were ejected again', async () => {
    const result = await run(undefined, {
      events: (history) => {
        const row = {
          type: 'ejections',
          cluster: 'tokyo',
          pod: 'mocka-north-a-0',
          zone: 'north-a',
          service: 'mockb',
        } as const;
        history.at(1e6, { ...row, active: 0, enforcedTotal: 0, overflow: 0 });
        for (const n of [1, 2, 3]) history.at(11e6 + n * 4e6, { ...row, active: 2, enforcedTotal: 2 * n, overflow: 0 });
      },
    });
    const { hint } = findingOf(result, `recoveryTime/${NORTH_A}`);
    expect(hint).to.match(/mocka-north-a-0 ejected 6 times and never held more than 2 at once: .*baseEjectionTime/);
  });

  it('is no reason where it came after the undo, or not at all', async () => {
    for (const goneAt of [30.5, undefined]) {
      expect(findingOf(await run(goneAt), `recoveryTime/${NORTH_A}`).cause).to.not.contain('lost');
    }
  });

  it('does not make what passed fail', async () => {
    const result = await run(20, { callers: { 'north-a': { failures: [[10.2, 10.5]], away: [10.2, 32] } } });
    expect(findingOf(result, `recoveryTime/${NORTH_A}`).verdict).to.equal('pass');
  });
});

describe('analysis: Services that Kubernetes calls otherwise than the answers do', () => {
  it('have the ejections of the Service behind which the answering pods are', async () => {
    const result = await judged({
      expect: { ejections: [{ service: 'mockb', atLeast: 2 }] },
      events: (history) => proxies(history, undefined),
      history: (events) =>
        events.map((event) => {
          if (event.type === 'ejections') return { ...event, service: `shop-${event.service}` };
          if (event.type !== 'endpoints') return event;
          return { ...event, endpoints: event.endpoints.map((row) => ({ ...row, service: `shop-${row.service}` })) };
        }),
    });
    const { measured, verdict } = findingOf(result, 'ejections/mockb');
    expect([measured?.lo, verdict]).to.deep.equal([2, 'pass']);
  });
});

describe('analysis: the kind of a failure decides where to look', () => {
  const late = (from: number, to: number, change: (record: Raw) => Raw, texts: readonly string[] = []) =>
    judged({
      texts,
      expect: {
        recoveryTime: RECOVERY,
        errorBudget: { perPath: 5, ratio: 0.01 },
        unaffected: { except: [{ zone: 'north-a' }] },
      },
      records: (all) =>
        all.map((record) => (record.due >= from * 1e6 && record.due < to * 1e6 ? change(record) : record)),
    });

  it('slow answers are called slow, and ejection is left alone', async () => {
    const result = await late(20, 40, (record) => ({ ...record, end: record.due + 1.5e6 }));
    for (const id of [`recoveryTime/${NORTH_A}`, 'errorBudget/perPath', `unaffected/${pathOf('north-b')}`]) {
      const { verdict, cause, hint } = findingOf(result, id);
      expect([id, verdict]).to.deep.equal([id, 'fail']);
      expect(cause).to.contain('slower than 1000 ms');
      expect(hint).to.contain('outlierDetection does not react to that');
    }
    expect(findingOf(result, `recoveryTime/${NORTH_A}`).cause).to.match(
      /^failing from \d+\.\d+ s after the effect until/,
    );
  });

  it('a gateway that nobody listens at is no matter of ejection', async () => {
    const refused = { ended: 'error', error: 'refused', status: 0, chain: undefined } as const;
    const result = await late(20, 28, (record) => (record.path === 1 ? { ...record, ...refused } : record));
    const { verdict, cause, hint } = findingOf(result, `recoveryTime/${pathOf('north-b')}`);
    expect([verdict, hint]).to.deep.equal(['fail', findingOf(result, `unaffected/${pathOf('north-b')}`).hint]);
    expect(cause).to.match(/refused \(160 times, seen by gateway tokyo\/north-b\)/);
    expect(hint).to.contain("gateway's pods");
  });

  it('a proxy that knows no other host is no matter of localities', async () => {
    const none = (record: Raw): Raw => {
      const hops = record.chain?.hops.slice(0, 1) ?? [];
      return { ...record, chain: { hops, rest: 'no healthy upstream' } };
    };
    const result = await late(11, 30, (record) => (record.path === 0 ? none(record) : record));
    const { verdict, cause, hint } = findingOf(result, `recoveryTime/${NORTH_A}`);
    expect(verdict).to.equal('fail');
    expect(cause).to.contain('no healthy upstream');
    expect(hint).to.contain('subset').and.not.contain('failoverPriority');
  });

  it('and says so in a call of gRPC, whose message is the text of the record', async () => {
    const words = 'gRPC UNAVAILABLE: no healthy upstream';
    const result = await late(11, 30, (record) => (record.path === 0 ? { ...record, text: 0 } : record), [words]);
    const { cause, hint } = findingOf(result, `recoveryTime/${NORTH_A}`);
    expect(cause).to.contain(words);
    expect(hint).to.contain('subset').and.not.contain('failoverPriority');
  });

  it('on the way home as well', async () => {
    const refused = { ended: 'error', error: 'refused', status: 0, chain: undefined } as const;
    const result = await late(33, 40, (record) => (record.path === 1 ? { ...record, ...refused } : record));
    const { verdict, cause, hint } = findingOf(result, 'wayHome/paths');
    expect(verdict).to.equal('fail');
    expect(cause).to.match(/failed 140 times for 6\.9.* s, until 9\.0.* s after the undo; most often refused/);
    expect(hint).to.contain("gateway's pods");
  });

  it('what failed after the budget was closed is not what spent it', async () => {
    const result = await judged({
      expect: { errorBudget: { perPath: 3 } },
      records: (all) =>
        all.map((record) => (record.path === 2 && record.due >= 36e6 ? { ...record, status: 418 } : record)),
    });
    const { verdict, cause } = findingOf(result, 'errorBudget/perPath');
    expect(verdict).to.equal('fail');
    expect(cause).to.contain('chain incomplete').and.to.not.contain('418');
  });

  it('errors of requests that were sent all at once do not spend the budget for certain', async () => {
    const lost = { ended: 'error', error: 'reset', status: 0, chain: undefined } as const;
    const sent = async (startOf: (due: number) => number) => {
      const result = await judged({
        expect: { errorBudget: { perPath: 5 } },
        callers: { 'north-a': { failures: [[10.2, 10.3]], away: [10.2, 32] } },
        records: (all) =>
          all.map((record) => {
            if (record.path !== 1 || record.due < 20e6 || record.due >= 20.5e6) return record;
            const start = startOf(record.due);
            return { ...record, ...lost, start, end: start + 5000 };
          }),
      });
      const { verdict, measured } = findingOf(result, 'errorBudget/perPath');
      return [verdict, measured?.lo, measured?.hi];
    };
    expect(await sent(() => 20.5e6), 'at once').to.deep.equal(['inconclusive', 2, 10]);
    expect(await sent((due) => due + 1e6), 'late, one by one').to.deep.equal(['fail', 10, 10]);
    expect(await sent((due) => due + 2000), 'in time').to.deep.equal(['fail', 10, 10]);
  });

  it('what failed because a generator that had stood still sent many at once is not known, and the load is blamed', async () => {
    const slow = (startOf: (due: number) => number) =>
      late(20, 21, (record) => ({ ...record, start: startOf(record.due), end: startOf(record.due) + 1.2e6 }));
    const crowded = await slow(() => 21e6);
    // The first of them was sent alone, and those that were due last not late enough.
    expect(findingOf(crowded, 'loadQuality/load').cause).to.match(
      /^\d+ requests failed when the load generator sent them late/,
    );
    expect(findingOf(crowded, `unaffected/${pathOf('north-b')}`).verdict).to.equal('inconclusive');
    const spaced = await slow((due) => due + 2000);
    expect(findingOf(spaced, 'loadQuality/load').verdict).to.equal('pass');
    expect(findingOf(spaced, `unaffected/${pathOf('north-b')}`).verdict).to.equal('fail');
  });

  it('a failure that many saw is not put on one of them', async () => {
    const refused = { ended: 'error', error: 'refused', status: 0, chain: undefined } as const;
    const result = await late(20, 21, (record) => ({ ...record, ...refused }));
    expect(findingOf(result, 'errorBudget/ratio').cause).to.contain('seen by 5 callers, 20 of them by gateway ');
  });
});

describe('analysis: calls that strayed before the fault', () => {
  const stray = (events: (history: HistoryBuilder) => void) =>
    judged({
      status: 'refused',
      expect: { steadyState: { goodAtLeast: 0.9, sameZoneAtLeast: 0.99 } },
      callers: { 'north-b': { away: [6, 45] } },
      place: () => 'north-a',
      events,
    });
  const SAME_ZONE = 'steadyState/sameZone';

  it('point at the region label of a node that is not the region of its cluster', async () => {
    const wrong = endpointsOf('tokyo').map((row) => (row.zone === 'north-b' ? { ...row, region: 'south' } : row));
    const result = await stray((history) =>
      history.at(0.3e6, { type: 'endpoints', cluster: 'tokyo', endpoints: wrong }),
    );
    const { verdict, cause, hint } = findingOf(result, SAME_ZONE);
    expect(verdict).to.equal('fail');
    expect(cause).to.contain('calls of mockb from north-b went to north-a; the node of');
    expect(cause).to.contain('in north-b has the region label south, and the targets file has tokyo in north');
    expect(hint).to.contain('topology.kubernetes.io/region');
  });

  it('point at an endpoint that is ready and answers nothing', async () => {
    const [first] = endpointsOf('tokyo').filter(({ service, zone }) => service === 'mockb' && zone === 'north-b');
    if (first === undefined) throw new Error('there is one');
    const dead = { ...first, pod: 'mockb-dead', ip: '10.9.9.9' };
    const endpoints = [...endpointsOf('tokyo'), dead];
    const result = await stray((history) => history.at(0.3e6, { type: 'endpoints', cluster: 'tokyo', endpoints }));
    expect(findingOf(result, SAME_ZONE).hint).to.equal('mockb-dead in north-b is ready and answered nothing.');
  });

  it('point at the rules where nothing was recorded', async () => {
    expect(findingOf(await stray(() => {}), SAME_ZONE).hint).to.contain('localityLbSetting');
  });
});

describe('analysis: where nothing was injected', () => {
  it('nothing is said of ejections, and no load is missed that nobody wanted any more', async () => {
    const result = await judged({
      status: 'refused',
      expect: { ejections: [{ service: 'mockb', atLeast: 1 }] },
      events: (history) => {
        proxies(history, undefined);
        history.at(5e6, { type: 'mesh-telemetry', cluster: 'tokyo', readable: true, detail: 'ok' });
      },
      records: (all) => all.filter(({ due }) => due < 10e6),
      times: { end: 12 },
    });
    expect(findingOf(result, 'ejections/mockb').hint).to.equal(undefined);
    expect(findingOf(result, 'loadQuality/load').verdict).to.equal('pass');
  });
});

describe('analysis: answers that lie about their zone', () => {
  it('while the fault is on say nothing against the time before it', async () => {
    const run: Handmade = {
      expect: { steadyState: { goodAtLeast: 0.9, sameZoneAtLeast: 0.99 }, failoverOrder: [ORDER] },
      records: (all) =>
        all.map((record) => {
          const { chain } = record;
          if (chain === undefined || record.path !== 0 || record.due < 15e6 || record.due >= 25e6) return record;
          const hops = chain.hops.map((hop) =>
            hop.service === 'mockb' ? { ...hop, ip: ipOf('mockb', 'south-h', 0) } : hop,
          );
          return { ...record, chain: { ...chain, hops } };
        }),
    };
    const result = await judged(recovering(run));
    expect(findingOf(result, 'steadyState/sameZone').verdict).to.equal('pass');
    const order = findingOf(result, 'failoverOrder/mockb/north-a');
    expect(order.verdict).to.equal('inconclusive');
    expect(order.cause).to.match(/^200 answers of mockb at .* say north-b, but that address is in south-h$/);
    expect(result.reason).to.match(/^Failover order of mockb/);
  });
});

describe('analysis: a place that dies by itself while the fault is on', () => {
  const run = (events: (history: HistoryBuilder) => void, from = 20) =>
    judged({
      expect: { unaffected: { except: [{ zone: 'north-a' }] }, failback: { withinMs: 5000 } },
      callers: { 'north-a': { away: [10.2, 32] }, 'north-b': { away: [from, 45] } },
      place: () => 'north-c',
      events,
    });
  const ejected = (active: number) => (history: HistoryBuilder) =>
    history.at(21e6, {
      type: 'ejections',
      cluster: 'tokyo',
      pod: 'mocka-north-a-0',
      zone: 'north-a',
      service: 'mockb',
      active,
      enforcedTotal: active,
      overflow: 0,
    });

  it('is told apart from the fault by the hosts that were ejected beyond it', async () => {
    const result = await run((history) => void ejected(4)(history));
    const dead = '4 hosts of mockb were ejected and the fault hit 2: another place was dead';
    const { verdict, cause } = findingOf(result, `unaffected/${pathOf('north-b')}`);
    expect(verdict).to.equal('fail');
    expect(cause)
      .to.match(/; 200 of 400 calls of mockb from north-b went to north-c; /)
      .and.to.contain(dead);
    expect(findingOf(result, 'failback/mockb/north-b').cause)
      .to.match(/^still away; \d+ of \d+ calls of mockb from north-b went to north-c; /)
      .and.to.contain(dead);
  });

  it('is told by its endpoints where they were taken away', async () => {
    const left = endpointsOf('tokyo', ({ service, zone }) => service === 'mockb' && zone === 'north-b');
    const result = await run((history) => history.at(20e6, { type: 'endpoints', cluster: 'tokyo', endpoints: left }));
    const gone =
      'mockb had no ready endpoint in north-b from 10.00 s after the injection on, although no fault had hit it there';
    expect(findingOf(result, `unaffected/${pathOf('north-b')}`).cause).to.contain(gone);
    expect(findingOf(result, 'failback/mockb/north-b').cause).to.contain(
      'went to north-c; mockb had no ready endpoint',
    );
  });

  it('is told at the end as well, where nobody had left before the undo', async () => {
    const left = endpointsOf('tokyo', ({ service, zone }) => service === 'mockb' && zone === 'north-b');
    const result = await run((history) => {
      history.at(31e6, { type: 'phase-start', phase: 'recover' });
      history.at(33e6, { type: 'endpoints', cluster: 'tokyo', endpoints: left });
    }, 33);
    const { verdict, cause } = findingOf(result, 'steadyState/after');
    expect(verdict).to.equal('fail');
    expect(cause).to.match(
      /^\d+ of \d+ calls of mockb from north-b .*\(mockb had no ready endpoint in north-b from 23.00 s/,
    );
  });

  it('is not seen where no more were ejected than the fault hit', async () => {
    const result = await run((history) => void ejected(2)(history));
    expect(findingOf(result, `unaffected/${pathOf('north-b')}`).cause).to.not.contain('another place');
    expect(findingOf(result, 'failback/mockb/north-b').cause).to.match(
      /^still away; \d+ of \d+ calls .* went to north-c$/,
    );
  });
});

describe('analysis: requests that never reached the mesh', () => {
  const late = (error: 'refused' | 'timeout') => {
    const lost = { ended: 'error', error, status: 0, chain: undefined } as const;
    return judged({
      expect: { failoverOrder: [ORDER], recoveryTime: RECOVERY },
      records: (all) =>
        all.map((record) =>
          record.path === 0 && record.due >= 11e6 && record.due < 30e6 ? { ...record, ...lost } : record,
        ),
    });
  };

  it('say nothing of who took over, and are a failed recovery all the same', async () => {
    const result = await late('refused');
    const order = findingOf(result, 'failoverOrder/mockb/north-a');
    expect([order.verdict, order.cause]).to.deep.equal([
      'inconclusive',
      'nobody in that zone called the service once traffic had settled',
    ]);
    expect(findingOf(result, `recoveryTime/${NORTH_A}`).verdict).to.equal('fail');
  });

  it('are told from those that may have been calls that nobody answered', async () => {
    expect(findingOf(await late('timeout'), 'failoverOrder/mockb/north-a').cause).to.contain('nothing took over');
  });
});
