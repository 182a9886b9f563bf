import { expect } from 'chai';
import { WrittenLog } from '../api/container-log.ts';
import { createSignal } from '../api/signal.ts';
import { ManualClock } from '../testing/manual-clock.ts';
import type { Network } from './network.ts';
import type { Fate } from './packet-filter.ts';
import { createPodProxy } from './pod-proxy.ts';
import { RunningPods } from './running-pods.ts';

describe('sandbox: pod proxy', () => {
  let fate: Fate = 'carried';
  let clock = new ManualClock();
  let closed = new AbortController();
  const network: Network = {
    changed: createSignal(),
    peer: (ip) => ({ ip }),
    allows: () => fate === 'carried',
    fate: () => fate,
    waitMs: () => 0,
    close: () => {},
  };

  beforeEach(() => {
    fate = 'carried';
    clock = new ManualClock();
    closed = new AbortController();
  });

  function ask() {
    const pods = new RunningPods();
    const object = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'mocka', namespace: 'default' } };
    const answer = async () => ({ status: 200, contentType: 'text/plain', body: 'here' });
    pods.add({ object, ip: '10.0.0.1' } as never, { log: new WrittenLog(), answer, close: () => {} } as never);
    const proxy = createPodProxy({ pods, network, clock, dialTimeoutMs: 30_000, closed: closed.signal });
    const asked = { said: undefined as string | undefined };
    void proxy('default', 'mocka', 15000, '/stats', {} as never).then(({ body }) => {
      asked.said = String(body);
    });
    return asked;
  }

  it('gets through when the kernel asks again after the network is back', async () => {
    fate = 'dropped';
    const asked = ask();
    await clock.advance(2_500);
    fate = 'carried';
    await clock.advance(499);
    expect(asked.said).to.equal(undefined);
    await clock.advance(1);
    expect(asked.said).to.equal('here');
  });

  it('gives up after the time of a dial', async () => {
    fate = 'dropped';
    const asked = ask();
    await clock.advance(29_999);
    expect(asked.said).to.equal(undefined);
    await clock.advance(1);
    expect(asked.said).to.contain('i/o timeout');
  });

  it('is told at once where packets are refused', async () => {
    fate = 'refused';
    const asked = ask();
    await clock.advance(0);
    expect(asked.said).to.contain('connection refused');
  });

  it('ends its dials with the API server', async () => {
    fate = 'dropped';
    const asked = ask();
    await clock.advance(1_000);
    closed.abort();
    await clock.advance(0);
    expect(asked.said).to.contain('i/o timeout');
  });
});
