import { expect } from 'chai';
import type { HistoryEvent } from '../model/history.ts';
import { virtualClock } from '../run/testing/virtual-clock.ts';
import { type Trouble, Troubles } from './troubles.ts';

const unlisted = (kind: string, what = `${kind}s in shop`): Trouble => ({
  cannot: 'list',
  reason: '403 no',
  kind,
  what,
});
const unwatched = (kind: string, what = `${kind}s in shop`): Trouble => ({
  cannot: 'watch',
  reason: '405',
  kind,
  what,
});

function stand() {
  const clock = virtualClock();
  const told: [number, string][] = [];
  const ending = new AbortController();
  const append = (event: object) => {
    const { type, level, text } = event as Extract<HistoryEvent, { type: 'notice' }>;
    expect([type, level]).to.deep.equal(['notice', 'warning']);
    told.push([clock.now() / 1000, text]);
    return { seq: 0, t: 0, wall: '' };
  };
  const troubles = new Troubles('tokyo', { history: { append, now: () => 0 }, clock }, ending.signal);
  return { clock, told, ending, troubles };
}

describe('what cannot be observed', () => {
  it('is told together, three seconds after the first, and what comes later by itself', async () => {
    const { clock, told, troubles } = stand();
    troubles.add(unlisted('Pod'));
    await clock.sleep(2_000);
    troubles.add(unlisted('Pod', 'Pods in default'));
    await clock.sleep(10_000);
    troubles.add(unlisted('Node', 'Nodes'));
    await troubles.ended();
    expect(told).to.deep.equal([
      [
        3_000,
        'cluster tokyo: Pods in shop, Pods in default cannot be listed: not every calling proxy is known, and no ' +
          'endpoints are recorded for those namespaces (403 no)',
      ],
      [15_000, 'cluster tokyo: Nodes cannot be listed: the zone of a proxy without an endpoint is not known (403 no)'],
    ]);
  });

  it('is told at once when the observation ends', async () => {
    const { clock, told, ending, troubles } = stand();
    troubles.add(unlisted('EndpointSlice'));
    await clock.sleep(500);
    ending.abort();
    await troubles.ended();
    expect(told).to.have.length(1);
    expect(told[0]?.[0]).to.equal(500);
    expect(told[0]?.[1]).to.contain('EndpointSlices in shop cannot be listed: no endpoints of this cluster');
  });

  it('is no trouble where there is none', async () => {
    const { told, troubles } = stand();
    await troubles.ended();
    expect(told).to.deep.equal([]);
  });

  it('is late, and not missing, where only changes cannot be watched', async () => {
    const { told, troubles } = stand();
    troubles.add(unwatched('Pod'));
    await troubles.ended();
    expect(told.map(([, text]) => text)).to.deep.equal([
      'cluster tokyo: Pods in shop cannot be watched (405): they are listed again every few seconds instead, so what ' +
        'changes is recorded up to 15 s late',
    ]);
  });

  it('is told where it can be read and not understood', async () => {
    const { told, troubles } = stand();
    troubles.add({ ...unlisted('Event'), cannot: 'read', reason: 'odd' });
    await troubles.ended();
    expect(told.map(([, text]) => text)).to.deep.equal([
      'cluster tokyo: what Events in shop say is not understood, and not all of it is in the record (odd)',
    ]);
  });

  it('says each thing once, and both where both are missing', async () => {
    const { told, troubles } = stand();
    for (const trouble of [
      unwatched('Pod'),
      unwatched('Pod'),
      unlisted('Lease', 'Leases'),
      unwatched('Node', 'Nodes'),
    ]) {
      troubles.add(trouble);
    }
    await troubles.ended();
    expect(told[0]?.[1]).to.contain('Leases cannot be listed: they are not known (403 no); Pods in shop, Nodes cannot');
  });
});
