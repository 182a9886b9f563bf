import { expect } from 'chai';
import type { HistoryEvent } from '../../model/history.ts';
import type { Place } from '../../model/place.ts';
import type { FailoverOrder } from '../../model/scenario.ts';
import type { Endpoint } from '../../model/target.ts';
import { analyze } from '../index.ts';
import { byProxies } from '../testing/by-proxies.ts';
import { findingOf, type Handmade, historyOf, recordsOf, recovering } from '../testing/handmade.ts';
import { holds, seeds } from '../testing/holds.ts';
import { chunks } from '../testing/record-file.ts';
import { faultOn } from '../testing/world.ts';

type Told = 'by answers' | 'by proxies';
const TOLD: readonly Told[] = ['by answers', 'by proxies'];

/** The zones of the cluster osaka have the names of two of tokyo. */
const twins = (text: string): string => text.replaceAll('south-h', 'north-a').replaceAll('south-k', 'north-b');
/** And its pods have the addresses of tokyo's there. */
const overlapping = (text: string): string => twins(text).replace(/\b10\.(\d)\.3\.(\d)\b/g, '10.$1.0.$2');

const TOKYO = { zone: 'north-a', cluster: 'tokyo' };
const orderOf = (from: FailoverOrder['from'], ...places: Place[]): FailoverOrder => ({
  service: 'mockb',
  from,
  order: places.map((place) => ({ place, shareAtLeast: 0.9 })),
});
const BY_CLUSTER = orderOf(TOKYO, { cluster: 'tokyo' }, { cluster: 'osaka' });
const ORDER = 'failoverOrder/mockb/tokyo/north-a';

/** All of mockb in tokyo stops, and its callers there are served by the zone south-h of osaka, or by another. */
function lost(place = 'south-h', away = 32): Handmade {
  const faults = ['north-a', 'north-b', 'north-c'].map((zone) => faultOn(zone));
  const fault = { ...faultOn('north-a'), affected: faults.flatMap(({ affected }) => affected) };
  const hit = { failures: [[10.2, 10.5]] as const, away: [10.2, away] as const };
  return { fault, callers: { 'north-a': hit, 'north-b': hit, 'north-c': hit }, place: () => place };
}

type Edits = {
  readonly order?: FailoverOrder;
  readonly names?: (text: string) => string;
  readonly endpoint?: (endpoint: Endpoint) => Endpoint;
};

async function judged(run: Handmade, seed: number, told: Told, edits: Edits = {}) {
  const { order = BY_CLUSTER, names = twins, endpoint = (one) => one } = edits;
  const expected = { failoverOrder: [order], failback: { withinMs: 10_000 } };
  const whole = recovering({ rate: 25, seed, ...run, expect: { ...run.expect, ...expected } });
  const edited = historyOf(whole).map(
    (event): HistoryEvent =>
      event.type === 'endpoints' ? { ...event, endpoints: event.endpoints.map(endpoint) } : event,
  );
  const file = recordsOf(whole).file;
  const { history, records } =
    told === 'by proxies' ? byProxies(edited, file, seed) : { history: edited, records: file };
  return analyze(JSON.parse(names(JSON.stringify(history))), chunks(names(records)));
}

const verdictOf = async (id: string, ...asked: Parameters<typeof judged>): Promise<string> =>
  findingOf(await judged(...asked), id).verdict;

describe('docs/verdict.md 17: places', () => {
  for (const told of TOLD) {
    it(`Z1 tells two clusters with zones of one name apart by the addresses, ${told}`, () =>
      holds(seeds, async (seed) => {
        const kept = await judged({}, seed, told);
        expect(findingOf(kept, ORDER).verdict, findingOf(kept, ORDER).cause).to.equal('pass');
        const other = findingOf(await judged({ place: () => 'south-h' }, seed, told), ORDER);
        expect(other.verdict, other.story).to.equal('fail');
        expect(other.cause).to.contain('cluster tokyo had healthy endpoints');
      }));

    it(`Z1 sees the other cluster take over when the own one has nothing left, ${told}`, () =>
      holds(seeds, async (seed) => {
        const { ladders, findings } = await judged(lost(), seed, told);
        expect(findings.find(({ id }) => id === ORDER)?.verdict, JSON.stringify(findings)).to.equal('pass');
        const [ladder] = ladders;
        expect(ladder?.rungs.map(({ place, state }) => [place, state])).to.deep.equal([
          [{ cluster: 'tokyo' }, 'down'],
          [{ cluster: 'osaka' }, 'took-over'],
        ]);
        expect([ladder?.fromZone, ladder?.fromCluster]).to.deep.equal(['north-a', 'tokyo']);
      }));

    it(`Z2 leaves open what two clusters with the same addresses serve, and names them, ${told}`, () =>
      holds(seeds, async (seed) => {
        const { verdict, cause } = findingOf(await judged(lost(), seed, told, { names: overlapping }), ORDER);
        expect(verdict).to.equal('inconclusive');
        expect(cause).to.match(/the cluster of mock. at 10\.\d\.0\.\d in north-a is not known: that address is of/);
        expect(cause).to.contain('tokyo').and.to.contain('osaka');
      }));
  }

  it('Z3 is at home where the order begins, and comes home there', () =>
    holds(seeds, async (seed) => {
      const id = 'failback/mockb/tokyo/north-a';
      const home = findingOf(await judged(lost(), seed, 'by answers'), id);
      expect(home.verdict, home.story).to.equal('pass');
      expect(await verdictOf(id, lost('south-h', 99), seed, 'by answers')).to.equal('fail');
      expect(await verdictOf(id, lost(), seed, 'by answers', { names: overlapping })).to.equal('inconclusive');
    }));

  it('Z3 keeps the own zone in front where the order goes by zones, those of one cluster alone', () =>
    holds(seeds, async (seed) => {
      const order = orderOf(TOKYO, { zone: 'north-b', cluster: 'tokyo' }, { cluster: 'tokyo' }, { region: 'south' });
      expect(await verdictOf(ORDER, {}, seed, 'by answers', { order })).to.equal('pass');
      expect(await verdictOf(ORDER, { place: () => 'south-k' }, seed, 'by answers', { order })).to.equal('fail');
    }));

  const id = 'failoverOrder/mockb/north-a';
  const names = (text: string): string => text;
  const kinds: Readonly<Record<string, (zone: string) => Place>> = {
    workload: (zone) => ({ workload: `mockb-${zone}` }),
    subset: (zone) => ({ subset: `of-${zone}` }),
    network: (zone) => ({ network: `net-${zone}` }),
  };
  const endpoint = (one: Endpoint): Endpoint => ({
    ...one,
    subsets: ['all', `of-${one.zone}`],
    network: `net-${one.zone}`,
  });
  for (const [kind, placeOf] of Object.entries(kinds)) {
    it(`Z1 judges an order by ${kind}`, () =>
      holds(seeds, async (seed) => {
        const order = orderOf({ zone: 'north-a' }, placeOf('north-a'), placeOf('north-b'), placeOf('south-h'));
        const edits = { order, names, endpoint };
        expect(await verdictOf(id, {}, seed, 'by answers', edits)).to.equal('pass');
        const skipped = findingOf(await judged({ place: () => 'south-h' }, seed, 'by proxies', edits), id);
        expect(skipped.verdict).to.equal('fail');
        expect(skipped.cause).to.contain(Object.entries(placeOf('north-b'))[0]?.join(' '));
      }));
  }

  it('Z2 leaves open what no label and no rule tells, and says which', () =>
    holds(seeds, async (seed) => {
      for (const [kind, text] of [
        ['subset', /the subset of mockb at .* is not known: the DestinationRules could not be read/],
        ['network', /the network of mockb at .* is not known: neither a label topology.istio.io\/network/],
      ] as const) {
        const placeOf = kinds[kind] as (zone: string) => Place;
        const order = orderOf({ zone: 'north-a' }, placeOf('north-a'), placeOf('north-b'));
        const { verdict, cause } = findingOf(await judged({}, seed, 'by answers', { order, names }), id);
        expect(verdict).to.equal('inconclusive');
        expect(cause, cause).to.match(text);
      }
    }));
});
