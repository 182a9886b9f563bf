import { expect } from 'chai';
import type { FailureGroup } from '../model/result.ts';
import { type Change, status } from './testing/changes.ts';
import type { HistoryBuilder } from './testing/history-builder.ts';
import {
  AWAY,
  ejected,
  ends,
  first,
  host,
  kinds,
  kindsOf,
  MOCKA,
  NO_HOST,
  REFUSED,
  times,
  told,
} from './testing/mechanisms-told.ts';
import { counter } from './testing/proxies.ts';
import { recorded } from './testing/recorded-proxy.ts';

const RETRIED =
  'upstream connect error or disconnect/reset before headers. retried and the latest reset reason: remote connection failure';
/** As Envoy wrote before 1.38.1, and before 1.24. */
const OLDER = `${RETRIED}, transport failure reason: delayed connect error: Connection refused`;
const OLDEST =
  'upstream connect error or disconnect/reset before headers. retried and the latest reset reason: connection failure, transport failure reason: delayed connect error: 111';

describe('analysis: how the mesh let requests fail', () => {
  for (const phase of [0.1, 0.6]) {
    describe(`by the counters of the caller’s proxy, read ${phase} s after each second`, () => {
      it('is the first failure, up to the ejection', async () => {
        const dead = host('north-a', { failed: [12.02], ...ejected(12.02) });
        const [mechanism] = (await kinds(REFUSED, [12, 12.05], [dead, AWAY], { phase })).mechanisms ?? [];
        expect(mechanism).to.deep.include({ kind: 'first-failure', sure: 'certain' });
        expect(mechanism?.shown).to.equal(
          'The proxy of default/mocka-north-a-0 counted 1 failed call of mockb at 10.1.0.1:8080 (north-a) up to the reading in which it had ejected it.',
        );
        expect(mechanism?.setting).to.equal(
          'outlierDetection.consecutive5xxErrors in the DestinationRule of mockb; retries.retryOn in the VirtualService of mockb hides it',
        );
      });

      it('is that of connections, where none came about', async () => {
        const dead = host('north-a', { failed: [12.02], how: 'refused', ...ejected(12.02) });
        const [mechanism] = (await kinds(REFUSED, [12, 12.05], [dead, AWAY], { phase })).mechanisms ?? [];
        expect(mechanism?.setting).to.match(/^outlierDetection.consecutiveLocalOriginFailures \(with/);
      });

      it('is the merge window beside it, while calls went to what was ejected', async () => {
        const dead = host('north-a', { failed: times(12, 13), ...ejected(12.03) });
        const all = await first(REFUSED, [12, 13], [dead, AWAY], { phase });
        expect(all).to.deep.equal(['merge-window certain', 'first-failure certain']);
      });

      it('is that nobody was ejected', async () => {
        const dead = host('north-a', { failed: times(12, 16) });
        expect(await first(REFUSED, [12, 16], [dead, AWAY], { phase })).to.deep.equal(['not-ejected certain']);
      });

      it('is the limit of ejections, where their overflow grew', async () => {
        const dead = host('north-a', { failed: times(12, 16) });
        const events = (history: HistoryBuilder): void => {
          counter(history, [[1, 0]]);
          counter(history, [[12.5, 0]], { overflow: 3 });
        };
        expect(await first(REFUSED, [12, 16], [dead, AWAY], { phase, events })).to.deep.equal([
          'ejection-limit certain',
        ]);
      });

      it('is an endpoint that was not ready, where calls went past it to one that fails', async () => {
        const home = host('north-a', { served: times(1, 24) });
        const young = host('north-a', { states: [{ from: 11.1, to: 15.5, unready: true }] }, 1);
        const dead = host('north-b', { priority: 1, failed: times(12, 13) });
        const all = await first(REFUSED, [12, 12.9], [home, young, dead], { phase });
        expect(all).to.deep.equal(['unready-endpoint certain']);
        // Without it, of two hosts one is ejected, and calls would have gone on all the same.
        const gone = host('north-a', ejected(11.1), 1);
        expect(await first(REFUSED, [12, 12.9], [home, gone, dead], { phase })).to.deep.equal(['not-ejected certain']);
      });

      it('is an endpoint on its way out', async () => {
        const leaving = host('north-a', { failed: times(12, 12.5), gone: 13.5 });
        expect(await first(REFUSED, [12, 12.5], [leaving, AWAY], { phase })).to.deep.equal([
          'leaving-endpoint certain',
        ]);
        const failing = host('north-a', { failed: times(12, 17), gone: 17.5 });
        // What it counted last is not known.
        expect((await first(REFUSED, [12, 17], [failing, AWAY], { phase }))?.[0]).to.match(/^not-ejected/);
      });

      it('is that an ejected host was tried again', async () => {
        const back = host('north-a', {
          served: times(1, 10),
          failed: [11, 17.02],
          states: [
            { from: 11.01, to: 15, ejected: true },
            { from: 17.03, ejected: true },
          ],
        });
        expect(await first(REFUSED, [17, 17.05], [back, AWAY], { phase })).to.deep.equal(['tried-again certain']);
      });

      it('is that no host was well, and why', async () => {
        const dead = host('north-a', { failed: [11.9], ...ejected(11.9) });
        const young = host('north-b', { priority: 1, states: [{ from: 11.9, unready: true }] });
        const group = await kinds(NO_HOST, [12, 15], [dead, young], { phase });
        expect(kindsOf([group])).to.deep.equal([['no-healthy-host certain']]);
        expect(group.mechanisms?.[0]?.shown).to.contain(
          'of 2 hosts that the proxy of default/mocka-north-a-0 knew, 1 ejected and 1 not ready',
        );
      });
    });
  }

  for (const text of [RETRIED, OLDER, OLDEST]) {
    it(`is that retries did not suffice, only where they were the caller’s own: ${text.slice(-60)}`, async () => {
      const own = host('north-a', { failed: times(12, 16, 60), how: 'refused' });
      expect(await first(text, [12, 16], [own, AWAY])).to.include('retries-exhausted certain');
      expect(await first(REFUSED, [12, 16], [own, AWAY])).to.deep.equal(['not-ejected certain']);
      const theirs = host('north-a', { failed: times(12, 16) });
      expect(await first(text, [12, 16], [theirs, AWAY])).to.deep.equal(['not-ejected certain']);
    });
  }

  it('is a timeout of the route, or of the connection', async () => {
    const slow = host('north-a', { failed: times(12, 16), how: 'timedOut' });
    expect(await first('upstream request timeout', [12, 16], [slow, AWAY], { code: 504 })).to.deep.equal([
      'timeout certain',
    ]);
    const deaf = host('north-a', { failed: times(12, 16), how: 'refused' });
    const text = 'upstream connect error or disconnect/reset before headers. reset reason: connection timeout';
    expect(await first(text, [12, 16], [deaf, AWAY])).to.have.members([
      'connect-timeout certain',
      'not-ejected certain',
    ]);
  });

  it('is a circuit breaker, whose requests are given to no host', async () => {
    const text = 'upstream connect error or disconnect/reset before headers. reset reason: overflow';
    expect(await first(text, [12, 16], [host('north-a', { served: times(1, 24) })], { code: 503 })).to.deep.equal([
      'circuit-breaker likely',
    ]);
  });

  describe('is not told', () => {
    it('where the words are an application’s own', async () => {
      const busy = host('north-a', { failed: times(12, 16) });
      for (const text of [
        NO_HOST,
        'upstream request timeout',
        `${REFUSED.slice(0, -25)}connection timeout`,
        `${REFUSED.slice(0, -25)}overflow`,
      ]) {
        expect(await first(text, [12, 16], [busy, AWAY], { code: 503 }), text).to.deep.equal(['not-ejected certain']);
      }
      expect(await first(NO_HOST, [12, 16], [host('north-a', { served: times(1, 24) }), AWAY])).to.deep.equal([]);
    });

    it('by words that only begin like Envoy’s, where nothing was read', async () => {
      for (const text of ['no healthy upstream database', `${REFUSED}?`, RETRIED, REFUSED, 'oops']) {
        const { counted } = await told([{ zone: 'north-a', from: 12, to: 16, change: ends(text) }], () => {});
        expect(kindsOf(counted), text).to.deep.equal([[]]);
      }
    });

    it('for answers that are slow, or say something else, while calls of the same caller fail', async () => {
      const dead = host('north-a', { failed: times(12, 16) });
      const slow: Change = (record) => ({ ...record, end: record.end + 1.5e6 });
      const bad = [
        { zone: 'north-a', from: 12, to: 13, change: slow },
        { zone: 'north-a', from: 13, to: 14, change: status(404) },
        { zone: 'north-a', from: 14, to: 16, change: ends(REFUSED) },
      ];
      const { counted } = await told(bad, (history) =>
        recorded(history, { pod: MOCKA('north-a'), zone: 'north-a', hosts: [dead] }),
      );
      const byCause = new Map(
        counted.map((group) => [group.cause.split(' ').slice(0, 2).join(' '), kindsOf([group])[0]]),
      );
      expect(byCause.get('slower than')).to.deep.equal([]);
      expect(byCause.get('status 404')).to.deep.equal([]);
      expect(byCause.get('chain incomplete:')).to.deep.equal(['not-ejected certain']);
    });

    it('where the load generator could not reach the gateway', async () => {
      const dead = host('north-a', { failed: times(12, 16) });
      const bad = [
        {
          zone: 'north-a',
          from: 12,
          to: 16,
          change: (record: Parameters<Change>[0]) => ({
            ...record,
            ended: 'error' as const,
            error: 'refused' as const,
            status: 0,
            chain: undefined,
          }),
        },
      ];
      const { counted } = await told(bad, (history) =>
        recorded(history, { pod: MOCKA('north-a'), zone: 'north-a', hosts: [dead] }),
      );
      expect(kindsOf(counted)).to.deep.equal([[]]);
    });
  });

  it('is only likely where fewer calls were counted than failed', async () => {
    const dead = host('north-a', { failed: times(12, 16, 5) });
    expect(await first(REFUSED, [12, 16], [dead, AWAY])).to.deep.equal(['not-ejected likely']);
  });

  it('is told of the call that failed, and not of others of the same proxy', async () => {
    const bad = [{ zone: 'north-a', from: 12, to: 14, change: ends(REFUSED) }];
    const { counted } = await told(bad, (history) => {
      recorded(history, { pod: MOCKA('north-a'), zone: 'north-a', hosts: [host('north-a', { served: times(1, 24) })] });
      const other = [host('north-b', { failed: times(12, 14) })];
      recorded(history, { pod: MOCKA('north-a'), zone: 'north-a', service: 'mockx', hosts: other });
    });
    expect(kindsOf(counted)).to.deep.equal([[]]);
  });

  it('is told of the caller whose proxy was read, and not of its neighbour', async () => {
    const bad = ['north-a', 'north-b'].map((zone) => ({ zone, from: 12, to: 14, change: ends(REFUSED) }));
    const { counted } = await told(bad, (history) =>
      recorded(history, {
        pod: MOCKA('north-a'),
        zone: 'north-a',
        hosts: [host('north-a', { failed: times(12, 14) })],
      }),
    );
    const byCaller = new Map(counted.map((group) => [group.caller.split(' ')[1], kindsOf([group])[0]]));
    expect([byCaller.get('north-a'), byCaller.get('north-b')]).to.deep.equal([['not-ejected certain'], []]);
  });

  it('is told of each caller, and of each part of the run, by what was read of it then', async () => {
    const bad = [
      { zone: 'north-b', from: 4, to: 6, change: ends(NO_HOST) },
      { zone: 'north-a', from: 12, to: 13, change: ends(REFUSED) },
      { zone: 'north-b', from: 12, to: 14, change: ends(REFUSED) },
      { zone: 'north-a', from: 22, to: 22.05, change: ends(REFUSED) },
    ];
    const { counted, others } = await told(bad, (history) => {
      const dead = host('north-a', {
        failed: [...times(12, 13), 22.02],
        states: [{ from: 12.03, to: 18, ejected: true }],
      });
      recorded(history, { pod: MOCKA('north-a'), zone: 'north-a', hosts: [{ ...dead, served: times(19, 22) }, AWAY] });
      const own = host('north-b', {
        failed: times(12, 14),
        served: times(8, 11),
        states: [{ from: 3.9, to: 6.2, unready: true }],
      });
      recorded(history, { pod: MOCKA('north-b'), zone: 'north-b', hosts: [own] });
    });
    const at = (groups: readonly FailureGroup[], zone: string, from: number) =>
      kindsOf(groups.filter(({ caller, first: due0 }) => caller.includes(zone) && Math.floor(due0 / 1e6) === from));
    expect(at(counted, 'north-a', 12)[0]).to.have.members(['merge-window certain', 'first-failure certain']);
    expect(at(counted, 'north-b', 12)).to.deep.equal([['not-ejected certain']]);
    expect(at(others, 'north-b', 4)).to.deep.equal([['no-healthy-host certain']]);
    expect(at(others, 'north-a', 22)).to.deep.equal([['not-ejected certain']]);
  });

  it('says nothing where nothing was recorded of any proxy, in each group', async () => {
    const bad = ['north-a', 'south-h'].map((zone) => ({ zone, from: 12, to: 14, change: ends(REFUSED) }));
    const { counted, others } = await told(bad, () => {});
    expect(kindsOf(counted)).to.deep.equal([[], []]);
    expect(others).to.deep.equal([]);
  });
});
