import { expect } from 'chai';
import type { HistoryEvent, RoutedCalls } from '../../model/history.ts';
import { analyze } from '../index.ts';
import { byProxies } from '../testing/by-proxies.ts';
import { findingOf, historyOf, recordsOf, recovering } from '../testing/handmade.ts';
import { chunks } from '../testing/record-file.ts';
import { ORDER } from '../testing/world.ts';

const IDS = {
  sameZone: 'steadyState/sameZone',
  order: `failoverOrder/${ORDER.service}/${ORDER.from.zone}`,
  home: `failback/${ORDER.service}/${ORDER.from.zone}`,
  shares: `shares/${ORDER.service}/${ORDER.from.zone}/baseline`,
};

type Edits = {
  readonly route?: Partial<RoutedCalls>;
  /** Of so many calls of mockb one is counted. */
  readonly oneOf?: number;
  /** Another Service whose calls are counted. */
  readonly also?: string;
  readonly place?: string;
};

const ROUTE: RoutedCalls = {
  virtualService: 'default/mockb',
  hosts: ['mockb.default.svc.cluster.local'],
  to: 'default/mockb-far',
};

function edited(event: HistoryEvent, { oneOf = 1, also }: Edits): HistoryEvent[] {
  if (event.type !== 'calls' || event.service !== 'mockb') return [event];
  const hosts = event.hosts.map((host) => ({ ...host, served: Math.ceil(host.served / oneOf) }));
  return [{ ...event, hosts }, ...(also === undefined ? [] : [{ ...event, service: also, hosts: [] }])];
}

/** A run of which only callers' proxies tell, in whose mesh one route is. */
async function judged(edits: Edits) {
  const shares = [
    { service: 'mockb', from: ORDER.from, tolerance: 0.05, to: [{ place: { zone: 'north-a' }, share: 1 }] },
  ];
  const clauses = { steadyState: { goodAtLeast: 0.9, sameZoneAtLeast: 0.99 }, failback: { withinMs: 10_000 }, shares };
  const expected = { ...clauses, failoverOrder: [ORDER] };
  const whole = recovering({ rate: 40, expect: expected, place: () => edits.place ?? 'north-b' });
  const { history, records } = byProxies(historyOf(whole), recordsOf(whole).file, 1);
  const route = edits.route && { ...ROUTE, ...edits.route };
  const routes: HistoryEvent[] =
    route === undefined ? [] : [{ type: 'routes', seq: 0, t: 1, wall: '', cluster: 'tokyo', routes: [route] }];
  const all = [...history, ...routes].flatMap((event) => edited(event, edits)).toSorted((a, b) => a.t - b.t);
  return analyze(
    all.map((event, seq) => ({ ...event, seq })),
    chunks(records),
  );
}

/** What is said of calls that were not counted: of the cause, or nothing. */
const CASES: Readonly<Record<string, readonly [Edits, RegExp | undefined]>> = {
  'nothing of a run without such a route, however few calls were counted': [{ oneOf: 3 }, undefined],
  'it where a route sends a part of the calls to another Service': [
    { route: {}, oneOf: 2 },
    /\d+ calls beside \d+ requests were counted of mockb, and VirtualService default\/mockb in tokyo sends calls of it to default\/mockb-far as well/,
  ],
  'it however many calls were counted, because others call as well': [{ route: {} }, /mockb-far as well/],
  'nothing where the calls of that Service were counted': [{ route: {}, oneOf: 2, also: 'mockb-far' }, undefined],
  'it where requests that match go there, and calls are missing': [
    { route: { matched: true }, oneOf: 2 },
    /mockb-far as well/,
  ],
  'nothing where requests that match go there, and no call is missing': [{ route: { matched: true } }, undefined],
  'nothing of routes for another Service': [
    { route: { hosts: ['other.default.svc.cluster.local'] }, oneOf: 2 },
    undefined,
  ],
  'it where requests lead to callers that are not read': [
    { route: { hosts: ['north-a'], to: 'edge/mocka', matched: true }, oneOf: 2 },
    /sends requests to edge\/mocka, in a namespace whose callers are not read: name it under spec.observe.namespaces/,
  ],
  'it where they do so by a pattern': [{ route: { hosts: ['*'], to: 'edge/mocka' }, oneOf: 2 }, /edge\/mocka/],
  'nothing where as many calls as requests were counted': [
    { route: { hosts: ['north-a'], to: 'edge/mocka' } },
    undefined,
  ],
  'nothing where requests of other hosts go there': [
    { route: { hosts: ['shop.example'], to: 'edge/x' }, oneOf: 2 },
    undefined,
  ],
  'it where copies of requests are counted': [
    { route: { to: 'default/mockb', mirror: true } },
    /VirtualService default\/mockb in tokyo mirrors requests to default\/mockb, and the callers' proxies count such copies/,
  ],
  'nothing of copies that nobody counts': [{ route: { to: 'default/shadow', mirror: true } }, undefined],
};

describe('docs/verdict.md 15: routes past the counters', () => {
  for (const [name, [edits, said]] of Object.entries(CASES)) {
    it(`P11 says ${name}`, async () => {
      const result = await judged(edits);
      for (const id of Object.values(IDS)) {
        const { verdict, cause } = findingOf(result, id);
        expect(verdict, `${id}: ${cause}`).to.equal(said === undefined ? 'pass' : 'inconclusive');
        if (said !== undefined) expect(cause, id).to.match(said);
      }
    });
  }

  it('P11 saves no order from failing by calls that were counted, and blames nobody for copies', async () => {
    const far = { place: 'south-h' };
    expect(findingOf(await judged({ route: {}, ...far }), IDS.order).verdict).to.equal('fail');
    const copies = { route: { to: 'default/mockb', mirror: true as const }, ...far };
    expect(findingOf(await judged(copies), IDS.order).verdict).to.equal('inconclusive');
  });
});
