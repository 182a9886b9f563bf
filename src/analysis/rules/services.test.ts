import { expect } from 'chai';
import type { HistoryEvent } from '../../model/history.ts';
import type { RunResult } from '../../model/result.ts';
import type { Expectations } from '../../model/scenario.ts';
import { analyze } from '../index.ts';
import { byProxies } from '../testing/by-proxies.ts';
import { findingOf, type Handmade, historyOf, judged, recordsOf, recovering } from '../testing/handmade.ts';
import { allRead, counter } from '../testing/proxies.ts';
import { chunks } from '../testing/record-file.ts';
import { ORDER } from '../testing/world.ts';

type Calls = Extract<HistoryEvent, { readonly type: 'calls' }>;

/** The same calls at a second port of mockb, all of them served in `zone` from the fault on. */
function atSecondPort(event: HistoryEvent, zone: string): HistoryEvent[] {
  if (event.type !== 'calls' || event.service !== 'mockb') return [event];
  const isAway = event.zone === 'north-a' && event.from > 10.2e6 && event.to < 31e6;
  const hosts = isAway ? event.hosts.map((host) => ({ ...host, zone, address: '10.1.3.1:8000' })) : event.hosts;
  return [event, { ...event, port: 9000, hosts } satisfies Calls];
}

/** A run of which only callers' proxies tell, with orders for these names of mockb and shares of its calls. */
async function orders(
  services: readonly string[],
  change: (event: HistoryEvent) => HistoryEvent[],
  more: Handmade = {},
): Promise<RunResult> {
  const expected: Partial<Expectations> & { readonly [clause: string]: unknown } = {
    steadyState: { goodAtLeast: 0.9, sameZoneAtLeast: 0.99 },
    failoverOrder: services.map((service) => ({ ...ORDER, service })),
    shares: services.map((service) => ({
      ...{ service, from: ORDER.from, tolerance: 0.05 },
      to: [{ place: { zone: 'north-a' }, share: 1 }],
    })),
  };
  const run = recovering({ rate: 40, ...more, expect: expected as Partial<Expectations> });
  const { history, records } = byProxies(historyOf(run), recordsOf(run).file, 1);
  const all = history.flatMap(change).map((event, seq) => ({ ...event, seq }));
  return analyze(all, chunks(records));
}

const orderOf = (result: RunResult, service: string) => findingOf(result, `failoverOrder/${service}/north-a`);

describe('docs/verdict.md 15: a Service that a clause names by more than a name', () => {
  it('P8 is judged port by port where ports are named, and together where none is', async () => {
    const names = ['default/mockb:8000', 'default/mockb:9000', 'default/mockb', 'mockb'];
    const result = await orders(names, (event) => atSecondPort(event, 'south-h'));
    const verdicts = names.map((name) => orderOf(result, name).verdict);
    expect(verdicts).to.deep.equal(['pass', 'fail', 'fail', 'fail']);
    const [one, other, both, bare] = names.map((name) => orderOf(result, name).samples ?? 0) as number[];
    expect(both).to.equal(bare);
    expect(both).to.be.within((one ?? 0) + (other ?? 0) - 4, (one ?? 0) + (other ?? 0) + 4);
    for (const name of names) {
      expect(findingOf(result, `shares/${name}/north-a/baseline`).verdict, name).to.equal('pass');
    }
    expect(findingOf(result, 'faultEffect/mockb-north-a').verdict).to.equal('pass');
  });

  it('P8 is that of one cluster’s callers where a cluster is named', async () => {
    const names = [
      'tokyo/default/mockb:8000',
      'osaka/default/mockb:8000',
      'tokyo/other/mockb',
      'tokyo/default/mockb:1',
    ];
    const result = await orders(names, (event) => [event]);
    expect(names.map((name) => orderOf(result, name).verdict)).to.deep.equal([
      'pass',
      'inconclusive',
      'inconclusive',
      'inconclusive',
    ]);
  });

  it('P8 passes over a place without its endpoints', async () => {
    const without = (event: HistoryEvent): HistoryEvent[] =>
      event.type === 'endpoints'
        ? [
            {
              ...event,
              endpoints: event.endpoints.filter(({ service, zone }) => service !== 'mockb' || zone !== 'north-b'),
            },
          ]
        : [event];
    const result = await orders(['default/mockb:8000'], without, { place: () => 'north-c' });
    expect(orderOf(result, 'default/mockb:8000').verdict).to.equal('pass');
    const there = await orders(['default/mockb:8000'], (event) => [event], { place: () => 'north-c' });
    expect(orderOf(there, 'default/mockb:8000').verdict).to.equal('fail');
  });

  it('P8 has the ejections of its own port and of its own callers', async () => {
    const names = [
      'mockb',
      'default/mockb',
      'default/mockb:8080',
      'default/mockb:9090',
      'tokyo/default/mockb',
      'osaka/default/mockb',
    ];
    const result = await judged({
      expect: { ejections: names.map((service) => ({ service, atLeast: 3 })) },
      events: (history) => {
        allRead(history);
        counter(history, [
          [1, 0],
          [11, 3],
        ]);
        counter(
          history,
          [
            [1, 0],
            [11, 1],
          ],
          { port: 9090 },
        );
        const far = { cluster: 'osaka', pod: 'mocka-south-h-0', zone: 'south-h' };
        counter(
          history,
          [
            [1, 0],
            [11, 0],
          ],
          far,
        );
      },
    });
    const told = names.map((name) => {
      const { verdict, measured } = findingOf(result, `ejections/${name}`);
      return `${verdict} ${measured?.lo}`;
    });
    expect(told).to.deep.equal(['pass 4', 'pass 4', 'pass 3', 'fail 1', 'pass 4', 'fail 0']);
  });
});
