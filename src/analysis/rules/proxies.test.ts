import { expect } from 'chai';
import type { HistoryEvent, HostCalls } from '../../model/history.ts';
import type { Place } from '../../model/place.ts';
import { analyze } from '../index.ts';
import { byProxies, covered } from '../testing/by-proxies.ts';
import { findingOf, type Handmade, historyOf, recordsOf, recovering } from '../testing/handmade.ts';
import { holds, seeds } from '../testing/holds.ts';
import { chunks } from '../testing/record-file.ts';
import { ORDER, pathOf, ZONES } from '../testing/world.ts';

const EXPECT = {
  steadyState: { goodAtLeast: 0.9, sameZoneAtLeast: 0.99 },
  failoverOrder: [ORDER],
  failback: { withinMs: 10_000 },
};

/** A run whose answers tell nothing, judged by what its proxies counted once in `every` seconds. */
async function judged(run: Handmade, seed: number, every = 1) {
  const whole = recovering({ rate: 40, seed, ...run, expect: { ...EXPECT, ...run.expect } });
  const { history, records } = byProxies(historyOf(whole), recordsOf(whole).file, seed, every);
  const last = run.history?.(history) ?? history;
  return analyze(
    last.toSorted((a, b) => a.t - b.t).map((event, seq) => ({ ...event, seq })),
    chunks(records),
  );
}

/** The same readings, as metrics tell them. */
function byWorkload(history: readonly HistoryEvent[]): HistoryEvent[] {
  return history.map((event) => {
    if (event.type !== 'calls') return event;
    const hosts = event.hosts.map(({ region, zone, requests, served, failed, refused }) => ({
      ...{ workload: `${event.service}-${zone}`, region, zone, requests, served, failed, refused },
    }));
    return { ...event, hosts };
  });
}

const ORDER_ID = `failoverOrder/${ORDER.service}/${ORDER.from.zone}`;
const HOME_ID = `failback/${ORDER.service}/${ORDER.from.zone}`;

describe('docs/verdict.md 15: where calls go, when no answer tells', () => {
  it('P1 proves the fault, the steady state, the order and the way home from counters, and says so', () =>
    holds(seeds, async (seed) => {
      const result = await judged({}, seed);
      expect(result.verdict, result.reason).to.equal('pass');
      for (const id of ['faultEffect/mockb-north-a', 'steadyState/sameZone', ORDER_ID, HOME_ID]) {
        expect(findingOf(result, id).verdict, id).to.equal('pass');
      }
      for (const id of ['steadyState/sameZone', ORDER_ID, HOME_ID]) {
        expect(findingOf(result, id).story, id).to.match(/proxies counted .*\d+ calls.* beside \d+ requests/);
        expect(findingOf(result, id).title, id).to.contain('mockb');
      }
    }));

  it('P1 shows over time who served, and counts no request twice', () =>
    holds(seeds, async (seed) => {
      const { series, budget } = await judged({}, seed);
      const sum = (counts: readonly number[]): number => counts.reduce((total, n) => total + n, 0);
      const away = series.serving.find(({ service, zone }) => service === 'mockb' && zone === 'north-b');
      const column = (t: number): number => Math.floor((t * 1e6) / series.bucket);
      const within = (from: number, to: number): number => sum(away?.counts.slice(column(from), column(to)) ?? []);
      expect(within(20, 24)).to.be.within(within(4, 8) * 1.8, within(4, 8) * 2.2);
      expect(sum(series.good)).to.be.at.most(45 * 40 * ZONES.length);
      expect(budget.bad).to.be.above(0);
    }));

  it('P1 sees another place, and callers that do not come home', () =>
    holds(seeds, async (seed) => {
      expect(findingOf(await judged({ place: () => 'south-h' }, seed), ORDER_ID).verdict).to.equal('fail');
      const away = { callers: { 'north-a': { failures: [[10.2, 10.5]] as const, away: [10.2, 99] as const } } };
      expect(findingOf(await judged(away, seed), HOME_ID).verdict).to.equal('fail');
    }));

  it('P1 believes no zone of a proxy’s host that is not the zone of its address', () =>
    holds(seeds, async (seed) => {
      // All that goes far away is said to have gone next door.
      const lying = (history: readonly HistoryEvent[]) =>
        history.map((event) =>
          event.type !== 'calls' || event.service !== 'mockb'
            ? event
            : {
                ...event,
                hosts: event.hosts.map((host) => (host.zone === 'south-h' ? { ...host, zone: 'north-b' } : host)),
              },
        );
      const result = await judged({ place: () => 'south-h', history: lying }, seed);
      const { verdict, cause } = findingOf(result, ORDER_ID);
      expect([result.verdict, verdict]).to.deep.equal(['inconclusive', 'inconclusive']);
      expect(cause).to.match(
        /^callers' proxies have \d+ calls to mockb at [\d.]+ in north-b, but that address is in south-h/,
      );
    }));

  /** The run with what proxies tell of calls in the hold changed. */
  const inHold =
    (change: (event: Extract<HistoryEvent, { type: 'calls' }>) => HistoryEvent) => (history: readonly HistoryEvent[]) =>
      history.map((event) => (event.type === 'calls' && event.from > 12e6 && event.to < 29e6 ? change(event) : event));

  it('P1 looks a zone up that a proxy does not tell, and leaves open what no endpoint tells', () =>
    holds(seeds, async (seed) => {
      const blank = (address?: string) =>
        inHold((event) => ({
          ...event,
          hosts: event.hosts.map((host) => ({ ...host, zone: '', ...(address === undefined ? {} : { address }) })),
        }));
      const looked = await judged({ history: blank() }, seed);
      expect([looked.verdict, findingOf(looked, ORDER_ID).verdict]).to.deep.equal(['pass', 'pass']);
      const unknown = findingOf(await judged({ history: blank('203.0.113.9:8000') }, seed), ORDER_ID);
      expect(unknown.verdict).to.equal('inconclusive');
      expect(unknown.cause).to.match(/callers' proxies have mock\w at 203\.0\.113\.9 in no zone, and no endpoint/);
    }));

  it('P4 passes nothing where a proxy that was not read for some seconds began to count anew', () =>
    holds(seeds, async (seed) => {
      const mark = (seconds: number) =>
        inHold((event) => ({ ...event, from: event.to - seconds * 1e6, anew: true as const }));
      const { verdict, cause } = findingOf(await judged({ history: mark(4.5) }, seed), ORDER_ID);
      expect(verdict).to.equal('inconclusive');
      expect(cause).to.match(/began to count anew between two readings 4\.5 s apart/);
      expect(findingOf(await judged({ history: mark(2) }, seed), ORDER_ID).verdict).to.equal('pass');
    }));

  it('P1 sees other callers leave home while a fault is on', () =>
    holds(seeds, async (seed) => {
      const expected = { ...EXPECT, unaffected: { except: [{ zone: 'north-a' }] } };
      const id = `unaffected/${pathOf('north-b')}`;
      const still = await judged({ expect: expected }, seed);
      expect(findingOf(still, id).verdict).to.equal('pass');
      const hit = { failures: [[10.2, 10.5]] as const, away: [10.2, 32] as const };
      const callers = { 'north-a': hit, 'north-b': { away: [14, 26] as const } };
      const gone = { callers, place: () => 'north-c', expect: expected };
      expect(findingOf(await judged(gone, seed), id).verdict).to.equal('fail');
    }));

  it('P2 does not take the word of the cluster for the time of the effect while the pods may have answered later', () =>
    holds(seeds, async (seed) => {
      const late = { failures: [[11.4, 12.4]] as const, away: [11.4, 32] as const };
      const recoveryTime = { withinMs: 5000, consecutive: 5, lastingMs: 1000 };
      const run = { callers: { 'north-a': late }, effective: 10.6, times: { proven: 10.7 } };
      const { measured } = findingOf(
        await judged({ ...run, expect: { ...EXPECT, recoveryTime } }, seed),
        `recoveryTime/${pathOf('north-a')}`,
      );
      expect(measured?.lo).to.be.at.most(1.05);
      expect(measured?.hi).to.be.at.least(1);
    }));

  it('P2 widens the way home by the distance of two readings', () =>
    holds(seeds, async (seed) => {
      const [once, twice] = await Promise.all([judged({}, seed, 0.5), judged({}, seed, 2)]);
      const width = (result: typeof once): number => {
        const { lo = 0, hi } = findingOf(result, HOME_ID).measured ?? {};
        return (hi ?? Number.POSITIVE_INFINITY) - lo;
      };
      expect(width(once)).to.be.below(width(twice));
    }));

  it('P3 leaves open which of two places was first where both served between two readings', () =>
    holds(seeds, async (seed) => {
      const place = (t: number) => (t < 10.9e6 ? 'south-h' : 'north-b');
      const { verdict, cause } = findingOf(await judged({ place }, seed), ORDER_ID);
      expect(verdict, cause).to.not.equal('pass');
    }));

  it('P4 counts nothing of readings more than three seconds apart', () =>
    holds(seeds, async (seed) => {
      const result = await judged({}, seed, 3.5);
      expect(result.verdict).to.equal('inconclusive');
      expect(findingOf(result, ORDER_ID).verdict).to.equal('inconclusive');
    }));

  it('P6 passes nothing of counters where a proxy was not read for long', () =>
    holds(seeds, async (seed) => {
      const gap = (from: number, to: number) => (history: HistoryEvent[]) => [
        ...history,
        ...[
          { ...covered('tokyo', 2), t: from * 1e6 },
          { ...covered('tokyo', 3), t: to * 1e6 },
        ],
      ];
      for (const [from, to, verdict] of [
        [4, 20, 'inconclusive'],
        [4, 9, 'pass'],
      ] as const) {
        const result = await judged({ history: gap(from, to) }, seed);
        for (const id of ['steadyState/sameZone', ORDER_ID, HOME_ID]) {
          expect(findingOf(result, id).verdict, `${id} ${from} ${to}`).to.equal(verdict);
        }
      }
    }));

  it('P7 knows places from workloads as well, though not by address, and says nothing of ejections', () =>
    holds(seeds, async (seed) => {
      const recoveryTime = { withinMs: 5000, consecutive: 5, lastingMs: 1000 };
      const run = { expect: { ...EXPECT, recoveryTime }, history: byWorkload };
      const result = await judged(run, seed);
      expect(result.verdict, result.reason).to.equal('pass');
      for (const id of ['faultEffect/mockb-north-a', 'steadyState/sameZone', ORDER_ID, HOME_ID]) {
        expect(findingOf(result, id).verdict, id).to.equal('pass');
      }
      const other = await judged({ ...run, place: () => 'south-h' }, seed);
      expect(findingOf(other, ORDER_ID).verdict).to.equal('fail');
      const failing: HistoryEvent = {
        ...{ type: 'calls', seq: 0, t: 11e6, wall: '', cluster: 'tokyo', pod: 'mocka-x', podNamespace: 'default' },
        ...{ zone: 'north-a', service: 'mockb', namespace: 'default', port: 0, from: 10.5e6, to: 11e6 },
        hosts: [{ workload: 'mockb-a', region: '', zone: 'north-a', requests: 9, served: 0, failed: 9, refused: 9 }],
      };
      const told = await judged({ ...run, history: (all) => [...byWorkload(all), failing] }, seed);
      expect(findingOf(told, `recoveryTime/${pathOf('north-a')}`).story).to.contain(
        'counted 9 failed calls of mockb at mockb-a (north-a), without a connection; their metrics do not tell whether they ejected it.',
      );
    }));

  it('X6 says at which host calls failed, until when it was called, and what the merge window cost', () =>
    holds(seeds, async (seed) => {
      const host = {
        address: '10.0.0.9:8000',
        region: '',
        zone: 'north-a',
        priority: 0,
        healthy: true,
        ejected: false,
      };
      const counts = { requests: 9, served: 0, failed: 9, refused: 9 };
      const caller = { cluster: 'tokyo', pod: 'mocka-x', podNamespace: 'default', zone: 'north-a' };
      const calls = (at: number, state: Partial<HostCalls>): HistoryEvent => ({
        ...{
          type: 'calls',
          seq: 0,
          t: at * 1e6,
          wall: '',
          ...caller,
          service: 'mockb',
          namespace: 'default',
          port: 8000,
        },
        ...{ from: (at - 0.5) * 1e6, to: at * 1e6, hosts: [{ ...host, ...counts, ...state }] },
      });
      const story = async (...events: readonly HistoryEvent[]): Promise<string> => {
        const expected = { ...EXPECT, recoveryTime: { withinMs: 5000, consecutive: 5, lastingMs: 1000 } };
        const run = { expect: expected, history: (all: HistoryEvent[]) => [...all, ...events] };
        return findingOf(await judged(run, seed), `recoveryTime/${pathOf('north-a')}`).story;
      };
      expect(await story(calls(10.3, { ejected: true }))).to.match(
        /counted 9 failed calls of mockb at 10\.0\.0\.9:8000 \(north-a\), without a connection, and had it ejected 0\.\d+ s after the first error at the latest; calls failed for 0\.\d+ s more, as they do until/,
      );
      expect(await story(calls(11, { refused: 3 }))).to.match(/, 3 without a connection, and did not eject it\./);
      expect(await story(calls(11, { gone: true }))).to.match(/and had no such host any more 0\.\d+ s after/);
      expect(await story(calls(9, {}))).to.not.match(/10\.0\.0\.9/);
    }));

  describe('behind an east-west gateway', () => {
    const network = (zone: string): string => `vpc-${zone.replace(/-.*/, '')}`;
    const across = (from: string, to: string): boolean => network(from) !== network(to);

    /** Each region is a network, and proxies know pods of the other one by its gateway alone, in the first of its zones. */
    function apart(history: readonly HistoryEvent[]): HistoryEvent[] {
      return history.map((event): HistoryEvent => {
        if (event.type === 'endpoints') {
          return { ...event, endpoints: event.endpoints.map((one) => ({ ...one, network: network(one.zone) })) };
        }
        if (event.type !== 'calls') return event;
        const hosts = event.hosts.map((host) =>
          across(event.zone, host.zone) ? { ...host, address: '10.9.9.9:15443', zone: 'south-h' } : host,
        );
        return { ...event, hosts };
      });
    }

    const judgedBy = (seed: number, ...places: Place[]) => {
      const order = { ...ORDER, order: places.map((place) => ({ place, shareAtLeast: 0.9 })) };
      return judged({ place: () => 'south-k', history: apart, expect: { ...EXPECT, failoverOrder: [order] } }, seed);
    };
    const verdictBy = async (seed: number, ...places: Place[]) =>
      findingOf(await judgedBy(seed, ...places), ORDER_ID).verdict;

    it('P9 knows the region and the network that have served, and leaves the zone open', () =>
      holds(seeds, async (seed) => {
        expect(await verdictBy(seed, { region: 'south' })).to.equal('pass');
        const networks = [{ network: 'vpc-north' }, { network: 'vpc-south' }];
        expect(await verdictBy(seed, ...networks), 'vpc-north still has pods').to.equal('fail');
        expect(await verdictBy(seed, { zone: 'south-k' })).to.equal('inconclusive');
      }));

    it('P9 shows calls that end at the gateway, and not in the zone that its address is said to be in', () =>
      holds(seeds, async (seed) => {
        const { flows = [] } = await judgedBy(seed, { region: 'south' });
        const stage = flows.flatMap(({ parts }) => parts).find(({ part }) => part === 'stage');
        const name = 'gateway into vpc-south';
        expect(
          stage?.calls.filter(({ from }) => from === 'north-a').map(({ to, through }) => [to, through]),
        ).to.deep.equal([[name, name]]);
        expect(stage?.calls.some(({ from, through }) => from === 'south-h' && through !== undefined)).to.equal(false);
      }));

    it('P9 knows the zone where the network has the Service in no other', () =>
      holds(seeds, async (seed) => {
        const lone = (history: readonly HistoryEvent[]): HistoryEvent[] =>
          apart(history).map((event) =>
            event.type === 'endpoints'
              ? { ...event, endpoints: event.endpoints.filter(({ zone }) => zone !== 'south-k') }
              : event,
          );
        const order = { ...ORDER, order: [{ place: { zone: 'south-h' }, shareAtLeast: 0.9 }] };
        const run = { place: () => 'south-h', history: lone, expect: { ...EXPECT, failoverOrder: [order] } };
        expect(findingOf(await judged(run, seed), ORDER_ID).verdict).to.equal('pass');
      }));
  });
});
