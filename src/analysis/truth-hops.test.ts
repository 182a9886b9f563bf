import { expect } from 'chai';
import type { HistoryEvent } from '../model/history.ts';
import type { Hop } from '../model/record.ts';
import type { RunResult } from '../model/result.ts';
import type { Endpoint } from '../model/target.ts';
import { analyze } from './index.ts';
import { outage } from './testing/outage.ts';
import { chunks } from './testing/record-file.ts';
import { endpointsOf } from './testing/world.ts';

const KINDS = ['right', 'right, partly hit', 'skipped zone', 'none', 'not home', 'collateral'] as const;

const PODS = new Map([...endpointsOf('tokyo'), ...endpointsOf('osaka')].map((one) => [one.ip, one.pod]));

/** `caller`: the zone of the first hop. */
type Change = (hop: Hop, caller: string) => Hop;

const blank: Hop = { service: '', zone: '', ip: '' };
const podOf = ({ ip }: Hop): Hop => ({ ...blank, pod: PODS.get(ip) ?? '' });

/** What answers tell of a hop, by the pattern that reads it. */
const TELLING: Readonly<Record<string, Change>> = {
  '{pod};': podOf,
  '{ip};': ({ ip }) => ({ ...blank, ip }),
  '{service}/{pod};': (hop) => ({ ...podOf(hop), service: hop.service }),
  '{service}/{ip};': ({ service, ip }) => ({ ...blank, service, ip }),
  '{zone}/{pod};': (hop) => ({ ...podOf(hop), zone: hop.zone }),
  '{zone}/{pod}/{ip};': (hop) => ({ ...podOf(hop), zone: hop.zone, ip: hop.ip }),
};

/** The same records with other hops. */
function rewritten(records: string, change: Change): string {
  const lines = records.split('\n').map((line) => {
    if (!line.startsWith('{"chain":')) return line;
    const { chain, hops, rest } = JSON.parse(line) as { chain: number; hops: string[][]; rest: string };
    const told = hops.map(([service = '', zone = '', ip = '']) => {
      const hop = change({ service, zone, ip }, hops[0]?.[1] ?? '');
      return [hop.service, hop.zone, hop.ip, ...(hop.pod === undefined ? [] : [hop.pod])];
    });
    return JSON.stringify({ chain, hops: told, rest });
  });
  return lines.join('\n');
}

/** The same history, read with another pattern and with other endpoints. */
function reading(
  history: readonly HistoryEvent[],
  hop: string,
  change = (one: Endpoint): Endpoint[] => [one],
  promised?: readonly string[],
) {
  return history.map((event): HistoryEvent => {
    if (event.type === 'endpoints') return { ...event, endpoints: event.endpoints.flatMap(change) };
    if (event.type !== 'run-start') return event;
    const { load } = event.run.scenario;
    const good = { ...load.good, chain: promised ?? load.good.chain };
    const told = { ...load, good, chain: { ...load.chain, hop } };
    return { ...event, run: { ...event.run, scenario: { ...event.run.scenario, load: told } } };
  });
}

const told = ({ verdict, findings }: RunResult) => ({
  verdict,
  findings: findings.map(({ id, verdict: own, story, cause, measured }) => ({ id, own, story, cause, measured })),
});

describe('docs/verdict.md R10: answers that tell a part of each hop', () => {
  for (const kind of KINDS) {
    it(`tell of ${kind} what whole ones do: a pod or an address is enough`, async () => {
      const { history, records } = outage(kind, 2);
      const whole = told(await analyze(history, chunks(records)));
      for (const [hop, change] of Object.entries(TELLING)) {
        const part = await analyze(reading(history, hop), chunks(rewritten(records, change)));
        expect(told(part), hop).to.deep.equal(whole);
      }
    });

    it(`tell of ${kind} by a zone alone what service and zone do`, async () => {
      const { history, records } = outage(kind, 2);
      const [both, alone] = await Promise.all([
        analyze(history, chunks(rewritten(records, (hop) => ({ ...hop, ip: '' })))),
        analyze(reading(history, '{zone};'), chunks(rewritten(records, ({ zone }) => ({ ...blank, zone })))),
      ]);
      expect(told(alone)).to.deep.equal(told(both));
    });
  }

  it('tell of a run in which no chain is promised what whole ones do', async () => {
    const { history, records } = outage('right', 2);
    const whole = told(await analyze(reading(history, '{service}/{zone}/{ip};', undefined, []), chunks(records)));
    for (const hop of ['{pod};', '{ip};', '{zone}/{pod};']) {
      const part = reading(history, hop, undefined, []);
      const result = await analyze(part, chunks(rewritten(records, TELLING[hop] as Change)));
      expect(told(result), hop).to.deep.equal(whole);
    }
  });

  describe('do not fool it', () => {
    const { history, records } = outage('right', 2);
    const isB = ({ service, zone }: Pick<Endpoint, 'service' | 'zone'>) => service === 'mockb' && zone === 'north-b';

    /** All that speaks of places is open, says why, and nothing else has another verdict. */
    async function leftOpen(hop: string, tell: Change, change?: (one: Endpoint) => Endpoint[]): Promise<string> {
      const result = await analyze(reading(history, hop, change), chunks(rewritten(records, tell)));
      const verdictOf = (id: string) => result.findings.find((one) => one.id.startsWith(id))?.verdict;
      expect(result.verdict).to.equal('inconclusive');
      expect(verdictOf('failoverOrder')).to.equal('inconclusive');
      expect(verdictOf('steadyState/good')).to.equal('pass');
      return result.findings.find(({ id }) => id.startsWith('failoverOrder'))?.cause ?? '';
    }

    it('a zone that the pod contradicts', async () => {
      const lie: Change = (hop) => ({ ...podOf(hop), zone: isB(hop) ? 'north-a' : hop.zone });
      const cause = await leftOpen('{zone}/{pod};', lie);
      expect(cause).to.match(/say north-a, but that address is in north-b/);
    });

    it('a zone that the address contradicts', async () => {
      const lie: Change = (hop) => ({ ...blank, ip: hop.ip, zone: isB(hop) ? 'north-a' : hop.zone });
      expect(await leftOpen('{zone}/{ip};', lie)).to.match(/say north-a, but that address is in north-b/);
    });

    it('a zone that a pod contradicts which came back with another address, where others are in that zone', async () => {
      const lies = ({ service, zone }: Pick<Endpoint, 'service' | 'zone'>) => service !== 'mocka' && zone === 'north-b';
      const lie: Change = (hop, caller) => ({
        ...podOf(hop),
        zone: lies(hop) && caller === 'north-a' ? 'north-a' : hop.zone,
      });
      const again = (one: Endpoint) => (lies(one) ? [one, { ...one, ip: `9${one.ip}` }] : [one]);
      const cause = await leftOpen('{zone}/{pod};', lie, again);
      expect(cause).to.match(/pod mock[bc]-north-b-\d is in north-b, and answers say north-a/);
    });

    it('two pods that had one address, one after the other', async () => {
      const twice = (one: Endpoint) => (isB(one) ? [one, { ...one, zone: 'north-c', pod: `${one.pod}-new` }] : [one]);
      const cause = await leftOpen('{ip};', ({ ip }) => ({ ...blank, ip }), twice);
      expect(cause).to.match(/address 10\.1\.1\.\d was seen in north-b and north-c/);
      const named = await analyze(reading(history, '{pod};', twice), chunks(rewritten(records, podOf)));
      expect(named.findings.find(({ id }) => id.startsWith('failoverOrder'))?.cause).to.equal(undefined);
    });

    it('a pod that two clusters have', async () => {
      const both = (one: Endpoint) =>
        isB(one) ? [one, { ...one, cluster: 'osaka', zone: 'south-h', ip: `9${one.ip}` }] : [one];
      const cause = await leftOpen('{pod};', podOf, both);
      expect(cause).to.match(/pod mockb-north-b-\d was seen in north-b and south-h/);
    });

    it('a pod that nobody observed', async () => {
      const cause = await leftOpen('{pod};', podOf, (one) => (isB(one) ? [] : [one]));
      expect(cause).to.match(/pod mockb-north-b-\d is in no endpoint that was observed/);
    });

    it('a pod without a zone', async () => {
      const cause = await leftOpen('{pod};', podOf, (one) => [isB(one) ? { ...one, zone: '' } : one]);
      expect(cause).to.match(/pod mockb-north-b-\d has no zone/);
    });

    it('a Service that the scenario does not name', async () => {
      const other = (one: Endpoint) => [one.service === 'mockc' ? { ...one, service: 'shop-mockc' } : one];
      const cause = await leftOpen('{pod};', podOf, other);
      expect(cause).to.match(/is behind shop-mockc: not one service of the scenario \(spec.services\)/);
    });

    it('another service of the scenario at the place of one: that chain is broken', async () => {
      const swapped: Change = (hop) => (hop.service === 'mockc' ? podOf({ ...hop, ip: '10.0.0.1' }) : podOf(hop));
      const result = await analyze(reading(history, '{pod};'), chunks(rewritten(records, swapped)));
      const good = result.findings.find(({ id }) => id === 'steadyState/good');
      expect(good?.verdict).to.not.equal('pass');
      expect(good?.cause).to.contain('chain incomplete: mocka > mockb > mocka');
    });
  });
});
