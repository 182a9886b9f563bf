import { expect } from 'chai';
import type { HistoryEvent, HostCalls } from '../model/history.ts';
import { analyze } from './index.ts';
import { byProxies } from './testing/by-proxies.ts';
import { outage } from './testing/outage.ts';
import { chunks } from './testing/record-file.ts';

type CallsEvent = Extract<HistoryEvent, { type: 'calls' }>;
const S = 1e6;

/** A run that went right, as the counters of its callers' proxies tell it. */
function told(): { history: HistoryEvent[]; records: string; inject: number; undo: number } {
  const run = outage('right', 1);
  const { history, records } = byProxies(run.history, run.records, 1);
  const at = (step: string): number => history.find((e) => e.type === 'fault' && e.step === step)?.t ?? 0;
  return { history, records, inject: at('proven'), undo: at('undo-requested') };
}

/** One proxy is not read for a while: the next reading tells all that it missed, of the hosts as `place` would have them. */
function unread(
  history: readonly HistoryEvent[],
  isIt: (event: CallsEvent) => boolean,
  { from, to }: { from: number; to: number },
  place: (zone: string) => string = (zone) => zone,
): HistoryEvent[] {
  const isMissed = (event: HistoryEvent): event is CallsEvent =>
    event.type === 'calls' && isIt(event) && event.from >= from && event.to <= to;
  const byProxy = Map.groupBy(history.filter(isMissed), ({ pod, service }) => `${pod} ${service}`);
  const wide = [...byProxy.values()].map((events): CallsEvent => {
    const last = events.at(-1) as CallsEvent;
    const hosts = events.flatMap((event) => event.hosts).map((host) => moved(host, place(host.zone)));
    return { ...last, from: events[0]?.from ?? 0, hosts };
  });
  const kept = history.filter((event) => !isMissed(event));
  return [...kept, ...wide].sort((a, b) => a.t - b.t).map((event, seq) => ({ ...event, seq }));
}

/** A host of a zone; of another one than its own it is one that nobody has observed. */
function moved(host: HostCalls, zone: string): HostCalls {
  return zone === host.zone || !('address' in host)
    ? { ...host, zone }
    : { ...host, zone, address: '203.0.113.9:8000' };
}

async function judged(history: readonly HistoryEvent[], records: string) {
  const { findings, verdict } = await analyze(history, chunks(records));
  const of = (id: string) => findings.find((one) => one.id.startsWith(id));
  const failed = findings.flatMap((one) => (one.verdict === 'fail' ? one.objective : []));
  return { verdict, of, failed };
}

describe('analysis: P4, proxies that are read too rarely', () => {
  const { history, records, inject, undo } = told();
  const order = history.flatMap((e) => (e.type === 'run-start' ? e.run.scenario.expect.failoverOrder : []))[0];
  const service = order?.service ?? '';
  const home = order?.from.zone ?? '';
  const isCaller = (event: CallsEvent): boolean => event.zone === home && event.service === service;
  const zones = history.flatMap((e) => (e.type === 'run-start' ? e.run.topology.clusters : []));
  const far = zones.find((cluster) => !cluster.zones.includes(home))?.zones[0] ?? '';
  const hold = { from: inject + 3 * S, to: undo - S };

  it('doubts nothing where all that was counted went where it may', async () => {
    const gap = { from: hold.from, to: hold.from + 6 * S };
    expect((await judged(unread(history, isCaller, gap), records)).verdict).to.equal('pass');
  });

  it('passes no order where calls went farther in such a time, and says how many and where', async () => {
    const { of } = await judged(
      unread(history, isCaller, { from: hold.from, to: hold.from + 6 * S }, () => far),
      records,
    );
    const finding = of('failoverOrder');
    expect(finding?.verdict).to.equal('inconclusive');
    expect(finding?.cause).to.match(new RegExp(`in which second \\d+ calls went to ${far}: a proxy was not read for`));
  });

  it('passes no way home where calls went farther then', async () => {
    const { of } = await judged(
      unread(history, isCaller, { from: undo + 3 * S, to: undo + 9 * S }, () => far),
      records,
    );
    expect(of(`wayHome/${service}`)?.verdict).to.equal('inconclusive');
  });

  it('fails another path whose callers left home in it', async () => {
    const isOther = (event: CallsEvent): boolean => event.zone !== home && event.service === service;
    const other = history.find((event): event is CallsEvent => event.type === 'calls' && isOther(event))?.zone ?? '';
    const isOne = (event: CallsEvent): boolean => event.zone === other && event.service === service;
    const elsewhere = other === far ? home : far;
    const { failed } = await judged(
      unread(history, isOne, hold, () => elsewhere),
      records,
    );
    expect(failed).to.include('unaffected');
  });

  it('does not say that nobody called where calls were counted, or that nothing took over', async () => {
    const { of } = await judged(unread(history, isCaller, { from: inject - S, to: undo + S }), records);
    const finding = of('failoverOrder');
    expect(finding?.verdict).to.equal('inconclusive');
    expect(`${finding?.story} ${finding?.cause}`).to.not.match(
      /nobody in that zone called|by nobody|nothing took over/,
    );
  });
});
