import { expect } from 'chai';
import { FaultlineError } from '../model/errors.ts';
import type { Cluster, ProxyAdmin, UnstampedEvent } from '../model/ports.ts';
import { FollowedProxy } from './followed-proxy.ts';
import { NamedServices } from './named.ts';
import { metricsPage } from './testing/metrics-page.ts';
import { clustersPage } from './testing/observed-callers.ts';
import { WorkloadPlaces } from './workload-places.ts';

const PACE = { calling: 2, idle: 7 };
const CALLER = { id: 'u', namespace: 'default', pod: 'web-0', zone: 'a' };
const DENIED = new FaultlineError('PERMISSION_DENIED', 'exec: 403');
const BROKEN = new FaultlineError('KUBE_API', 'no upgrade');

/** A proxy that answers by this; each answer takes so long, and one second passes before each reading. */
function followed(get: () => string | Promise<string>, tookMs = 0) {
  let us = 0;
  const events: UnstampedEvent[] = [];
  const asked: string[] = [];
  const proxyAdmin = (): ProxyAdmin =>
    ({
      get: async () => {
        us += tookMs * 1000;
        asked.push('admin');
        return get();
      },
    }) as unknown as ProxyAdmin;
  const podProxy = async () => {
    asked.push('metrics');
    return metricsPage({ to: 'mock-a', times: 1 });
  };
  const proxy = new FollowedProxy(
    {
      cluster: { name: 'tokyo', proxyAdmin, podProxy } as unknown as Cluster,
      named: new NamedServices({ services: ['mock'], affected: [] }, ['default']),
      places: new WorkloadPlaces(),
      clock: { now: () => us, wall: () => new Date(0), sleep: async () => {} },
      history: { now: () => us, append: (event) => ({ seq: events.push(event), t: us }) as never },
    },
    CALLER,
  );
  const read = async (round: number): Promise<number> => {
    us += 1_000_000;
    await proxy.read(round, PACE);
    return proxy.due - round;
  };
  return { proxy, read, events, asked };
}

describe('observe/followed-proxy', () => {
  it('is read at the pace of callers until it is known whether it calls, and then of one that does not', async () => {
    const { proxy, read } = followed(() => clustersPage([{ ip: '1' }]));
    const pauses: number[] = [];
    for (let round = 1; round <= 11; round += 1) pauses.push(await read(round));
    expect(pauses).to.deep.equal([...Array(9).fill(2), 7, 7]);
    expect([proxy.calls, proxy.answer?.problem]).to.deep.equal([false, undefined]);
  });

  it('is read less often where a reading takes long, but for the first, which opens the way', async () => {
    const { read } = followed(() => clustersPage([{ ip: '1', total: 1 }]), 1_500);
    expect([await read(1), await read(2)]).to.deep.equal([2, 6]);
  });

  it('writes what lies between the last reading that was answered and this one', async () => {
    let total = 0;
    const { read, events } = followed(() => {
      total += 4;
      if (total === 8) throw new Error('broken');
      return clustersPage([{ ip: '1', total }]);
    });
    await read(1);
    await read(2);
    await read(3);
    const spans = events.map((event) => event.type === 'calls' && [event.from, event.to, event.hosts[0]?.requests]);
    expect(spans).to.deep.equal([
      [1_000_000, 1_000_000, 0],
      [1_000_000, 3_000_000, 8],
    ]);
  });

  it('waits longer after each failure, and says why it has not answered', async () => {
    const { proxy, read } = followed(() => Promise.reject(new Error('slow')));
    const pauses: number[] = [];
    for (let round = 1; round <= 7; round += 1) pauses.push(await read(round));
    expect(pauses).to.deep.equal([2, 2, 4, 8, 16, 16, 16]);
    expect([proxy.answer?.problem, proxy.closed]).to.deep.equal(['slow', undefined]);
  });

  it('is read by its metrics once its admin port is known to be closed, and says that', async () => {
    const denied = followed(() => Promise.reject(DENIED));
    expect(await denied.read(1)).to.equal(2);
    await denied.read(3);
    expect([denied.proxy.closed, denied.asked]).to.deep.equal(['exec: 403', ['admin', 'metrics']]);
    const broken = followed(() => Promise.reject(BROKEN));
    for (const round of [1, 2]) await broken.read(round);
    expect(broken.proxy.closed).to.equal(undefined);
    await broken.read(3);
    expect(broken.proxy.closed).to.equal('no upgrade');
  });

  it('stays with an admin port that has answered once, and asks one that refuses seldom', async () => {
    let isOpen = true;
    const { proxy, read, asked } = followed(() => (isOpen ? clustersPage([{ ip: '1' }]) : Promise.reject(DENIED)));
    await read(1);
    isOpen = false;
    expect(await read(2)).to.equal(60);
    expect([proxy.closed, asked]).to.deep.equal([undefined, ['admin', 'admin']]);
  });

  it('reads once at a time, and writes nothing when it is over', async () => {
    let answer = (_: string) => {};
    const { proxy, events, asked } = followed(() => new Promise((told) => (answer = told)));
    const [one, other] = [proxy.read(1, PACE), proxy.read(1, PACE)];
    expect(one).to.equal(other);
    await Promise.resolve();
    proxy.close();
    answer(clustersPage([{ ip: '1', total: 3 }]));
    await one;
    expect([asked, events, proxy.reading]).to.deep.equal([['admin'], [], undefined]);
  });
});
