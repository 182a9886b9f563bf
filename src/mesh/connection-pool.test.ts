import { expect } from 'chai';
import { CircuitBreaker, type Lease, readPoolLimits } from './connection-pool.ts';

const NONE = Number.POSITIVE_INFINITY;
const LIMITS = { maxConnections: NONE, maxPending: NONE, maxRequests: NONE, requestsPerConnection: NONE };

/** A breaker whose connections stand when they are told to. */
function breakerWith(limits: Partial<typeof LIMITS>) {
  const opening: (() => void)[] = [];
  const breaker = new CircuitBreaker({ ...LIMITS, ...limits }, () => new Promise((resolve) => opening.push(resolve)));
  const turn = () => new Promise((resolve) => setImmediate(resolve));
  /** Asks and tells how it went so far. */
  const ask = (host = 'a') => {
    const call: { lease: Lease | undefined; state: 'pending' | 'open' | 'overflow' } = {
      lease: undefined,
      state: 'pending',
    };
    void breaker.enter(host).then((lease) => {
      call.lease = lease;
      call.state = lease === undefined ? 'overflow' : 'open';
    });
    return call;
  };
  const stand = async () => {
    opening.shift()?.();
    await turn();
  };
  return { ask, stand, turn, opening };
}

describe('the limits of a connection pool', () => {
  it('are read as Istio writes them: 0 is no limit', () => {
    expect(
      readPoolLimits({ tcp: { maxConnections: 1 }, http: { http1MaxPendingRequests: 2, http2MaxRequests: 0 } }),
    ).to.deep.equal({ maxConnections: 1, maxPending: 2, maxRequests: NONE, requestsPerConnection: NONE });
    expect(readPoolLimits({ tcp: { connectTimeout: '3s' } })).to.equal(undefined);
  });

  it('let a call wait for its connection, and refuse the one more that would have to wait', async () => {
    const { ask, stand } = breakerWith({ maxConnections: 1, maxPending: 1 });
    const [first, second] = [ask(), ask()];
    await stand();
    expect([first.state, second.state]).to.deep.equal(['open', 'overflow']);
    const third = ask();
    const fourth = ask();
    await stand();
    expect([third.state, fourth.state]).to.deep.equal(['pending', 'overflow']);
    first.lease?.release();
    await stand();
    expect(third.state).to.equal('open');
  });

  it('close a connection after its requests, so that the next call waits for a new one', async () => {
    const { ask, stand, turn, opening } = breakerWith({ maxConnections: 1, maxPending: 1, requestsPerConnection: 1 });
    const first = ask();
    await stand();
    const second = ask();
    first.lease?.release();
    await turn();
    expect([second.state, opening.length]).to.deep.equal(['pending', 1]);
    expect(ask().state).to.equal('pending');
    await stand();
    expect(second.state).to.equal('open');
  });

  it('keep a connection without that limit', async () => {
    const { ask, stand, turn, opening } = breakerWith({ maxConnections: 1 });
    const first = ask();
    await stand();
    first.lease?.release();
    const second = ask();
    await turn();
    expect([second.state, opening.length]).to.deep.equal(['open', 0]);
  });

  it('always leave a host one connection, and count all of them', async () => {
    const { ask, stand, opening } = breakerWith({ maxConnections: 1 });
    ask('a');
    ask('b');
    ask('b');
    expect(opening.length).to.equal(2);
    await stand();
  });

  it('count calls on their way, over kept connections as well', async () => {
    const { ask, stand, turn } = breakerWith({ maxRequests: 1 });
    const first = ask();
    await stand();
    const second = ask();
    await turn();
    expect([first.state, second.state]).to.deep.equal(['open', 'overflow']);
  });
});
