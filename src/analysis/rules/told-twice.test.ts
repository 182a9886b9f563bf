import { expect } from 'chai';
import type { HistoryEvent } from '../../model/history.ts';
import { analyze } from '../index.ts';
import { byProxies } from '../testing/by-proxies.ts';
import { findingOf, type Handmade, historyOf, recordsOf, recovering } from '../testing/handmade.ts';
import { holds, seeds } from '../testing/holds.ts';
import { chunks } from '../testing/record-file.ts';
import { endpointsOf, ORDER } from '../testing/world.ts';

type Calls = Extract<HistoryEvent, { readonly type: 'calls' }>;
type Hop = [service: string, zone: string, ip: string];
type Edits = {
  readonly run?: Handmade;
  /** What answers say in place of the hops that served. */
  readonly says?: (hops: Hop[]) => Hop[];
  readonly reading?: (event: Calls) => readonly Calls[];
};

const EXPECT = {
  steadyState: { goodAtLeast: 0.9, sameZoneAtLeast: 0.99 },
  failoverOrder: [ORDER],
  failback: { withinMs: 10_000 },
};
const ORDER_ID = `failoverOrder/${ORDER.service}/${ORDER.from.zone}`;
const SAME_ZONE = 'steadyState/sameZone';

const pods = new Map([...endpointsOf('tokyo'), ...endpointsOf('osaka')].map(({ ip, pod }) => [ip, pod]));
/** The proxy of a pod that is observed, in place of one that nobody knows. */
const byName = (event: Calls): Calls[] => [
  { ...event, pod: pods.get(event.pod.replace(/^.*-(?=[\d.]+$)/, '')) ?? event.pod },
];

/** A run whose answers and callers' proxies both tell where calls went. */
async function judged(seed: number, { run = {}, says = (hops) => hops, reading = byName }: Edits = {}) {
  const whole = recovering({ rate: 40, seed, ...run, expect: { ...EXPECT, ...run.expect } });
  const [history, { file }] = [historyOf(whole), recordsOf(whole)];
  const counted = byProxies(history, file, seed).history.flatMap((event): readonly HistoryEvent[] => {
    if (event.type === 'calls') return reading(event);
    return event.type === 'calls-telemetry' ? [event] : [];
  });
  const lines = file.split('\n').map((line) => {
    const { hops, ...rest } = JSON.parse(line === '' ? '{}' : line) as { hops?: Hop[] };
    return hops === undefined ? line : JSON.stringify({ ...rest, hops: says(hops) });
  });
  const all = [...history, ...counted].toSorted((a, b) => a.t - b.t).map((event, seq) => ({ ...event, seq }));
  return analyze(all, chunks(lines.join('\n')));
}

/** Callers in north-a are served in one zone and their answers say another. */
const saying =
  (is: string, said: string, address = true) =>
  (hops: Hop[]): Hop[] =>
    hops[0]?.[1] !== 'north-a'
      ? hops
      : hops.map(([service, zone, ip]): Hop => {
          const other = endpointsOf('tokyo').find((one) => one.service === service && one.zone === said)?.ip ?? '';
          return zone === is ? [service, said, address ? other : ''] : [service, zone, address ? ip : ''];
        });

const unnamed = (event: Calls): Calls[] => [event];
/** As many calls again, of callers that are served elsewhere. */
const withOthers = (event: Calls): Calls[] => {
  const hosts = event.hosts.map((host) => ({ ...host, zone: 'south-k', address: '10.1.4.1:8000' }));
  return [...byName(event), { ...event, pod: 'batch-0', hosts }];
};
/** A quarter more calls, of others. */
const more = (events: readonly Calls[]): Calls[] =>
  events.map((event) => ({
    ...event,
    hosts: event.hosts.map((host) => ({ ...host, served: Math.ceil(host.served * 1.25) })),
  }));
const everySecond = (() => {
  let n = 0;
  return (event: Calls): Calls[] => (n++ % 2 === 0 ? byName(event) : []);
})();

const WRONG: Readonly<Record<string, Edits>> = {
  'by the addresses of other pods': { says: saying('south-h', 'north-b') },
  'by zones alone': { says: saying('south-h', 'north-b', false) },
  'by zones alone, of proxies of which nobody knows whose they are': {
    says: saying('south-h', 'north-b', false),
    reading: unnamed,
  },
  'beside other callers': { says: saying('south-h', 'north-b'), reading: withOthers },
};

const RIGHT: Readonly<Record<string, Edits>> = {
  'of proxies whose pods are known': {},
  'of proxies of which nobody knows whose they are': { reading: unnamed },
  'beside other callers that are served elsewhere': { reading: withOthers },
  'beside others of which nobody knows whose they are': {
    reading: (event) => withOthers(event).map((one) => ({ ...one, podNamespace: 'other' })),
  },
  'where half of the readings are not there': { reading: everySecond },
  'where the callers of one zone are not read': {
    reading: (event) => (event.zone === 'north-a' ? [] : withOthers(event)),
  },
  'where a part of the calls has another Service': {
    reading: (event) => (event.zone === 'north-a' && event.from % 3 !== 0 ? [] : byName(event)),
  },
  'where some are not counted, and elsewhere others call': {
    reading: (event) => (event.zone === 'north-a' && event.from % 3 !== 0 ? [] : more(unnamed(event))),
  },
  'where proxies name no zone': {
    reading: (event) =>
      byName(event).map((one) => ({ ...one, hosts: one.hosts.map((host) => ({ ...host, zone: '' })) })),
  },
};

describe('docs/verdict.md 15: answers and callers’ proxies that tell of the same calls', () => {
  for (const [name, edits] of Object.entries(WRONG)) {
    it(`P10 does not believe answers that name a place where nothing was counted, ${name}`, () =>
      holds(seeds, async (seed) => {
        const { verdict, cause } = findingOf(
          await judged(seed, { run: { place: () => 'south-h' }, ...edits }),
          ORDER_ID,
        );
        expect(verdict, cause).to.equal('inconclusive');
        expect(cause).to.match(
          /\d+ of \d+ answers to callers of mock[bc].* say that north-b served while the faults were on/,
        );
        expect(cause)
          .to.match(/the proxies of these callers counted \d+ calls? there, of \d+/)
          .and.to.contain('south-h');
      }));
  }

  for (const [name, edits] of Object.entries(RIGHT)) {
    it(`P10 believes answers that nothing contradicts, ${name}`, () =>
      holds(seeds, async (seed) => {
        const kept = await judged(seed, edits);
        for (const id of [ORDER_ID, SAME_ZONE]) {
          const { verdict, cause } = findingOf(kept, id);
          expect(verdict, `${id}: ${cause}`).to.equal('pass');
        }
        const skipped = findingOf(await judged(seed, { ...edits, run: { place: () => 'south-h' } }), ORDER_ID);
        expect(skipped.verdict, skipped.cause).to.equal('fail');
      }));
  }

  it('P10 holds for the time before the faults', () =>
    holds(seeds, async (seed) => {
      const away: Handmade = { callers: { 'north-a': { away: [0, 99] } }, place: () => 'south-h' };
      const says = saying('south-h', 'north-a');
      const wrong = findingOf(await judged(seed, { run: away, says }), SAME_ZONE);
      expect(wrong.verdict, wrong.cause).to.equal('inconclusive');
      expect(wrong.cause).to.contain('say that north-a served before the faults');
      expect(findingOf(await judged(seed, { run: away }), SAME_ZONE).verdict).to.equal('fail');
    }));
});
