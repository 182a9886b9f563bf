import { expect } from 'chai';
import { isCompleteChain, isGood, isGoodStatus, longestGood, rulesOf, servicesOf, shortestGood } from './good.ts';
import type { Chain, RequestRecord } from './record.ts';
import { emptyRecord } from './record-codec.ts';
import type { GoodRequest } from './scenario.ts';

const good: GoodRequest = { status: 200, chain: ['mocka', 'mockb'], latencyMs: 100 };

function chainOf(services: readonly string[], rest = ''): Chain {
  return { hops: services.map((service) => ({ service, zone: 'z', ip: '' })), rest };
}

function response(change: Partial<RequestRecord> = {}): RequestRecord {
  return { ...emptyRecord(), ended: 'response', status: 200, due: 1000, start: 1100, end: 2000, chain: 0, ...change };
}

describe('model/good', () => {
  const whole = chainOf(['mocka', 'mockb']);

  it('accepts the expected status, in time, with the whole chain', () => {
    expect(isGood(response(), whole, good)).to.equal(true);
  });

  it('counts latency from the due time, and the limit itself is still good', () => {
    expect(isGood(response({ start: 100_900, end: 101_000 }), whole, good)).to.equal(true);
    expect(isGood(response({ start: 100_900, end: 101_001 }), whole, good)).to.equal(false);
  });

  it('accepts no other status, no error and nothing that was not sent', () => {
    expect(isGood(response({ status: 503 }), whole, good)).to.equal(false);
    expect(isGood(response({ ended: 'error', error: 'reset' }), whole, good)).to.equal(false);
    expect(isGood(response({ ended: 'dropped' }), whole, good)).to.equal(false);
  });

  it('wants the services in call order with nothing left over', () => {
    const wrong = [
      undefined,
      chainOf([]),
      chainOf(['mocka']),
      chainOf(['mockb', 'mocka']),
      chainOf(['mocka', 'mockb', 'mockc']),
      chainOf(['mocka', 'mockb'], 'upstream connect error'),
    ];
    for (const chain of wrong) expect(isCompleteChain(chain, good), JSON.stringify(chain)).to.equal(false);
  });

  it('is what an answer says, too, as far as the engine has found it wrong', () => {
    expect(isGood(response({ text: 0 }), chainOf(['mocka', 'mockb']), good)).to.equal(false);
  });

  it('has one status, some, or a range', () => {
    const some: GoodRequest = {
      ...good,
      status: [
        { from: 200, to: 200 },
        { from: 300, to: 399 },
      ],
    };
    const are = [199, 200, 201, 299, 300, 399, 400].filter((status) => isGoodStatus(status, some));
    expect(are).to.deep.equal([200, 300, 399]);
    expect([200, 201].filter((status) => isGoodStatus(status, { ...good, status: 201 }))).to.deep.equal([201]);
  });

  it('is the load’s own rule but for paths that have another', () => {
    const own: GoodRequest = { status: 201, chain: ['mocka', 'cart'], latencyMs: 50 };
    const path = { request: { method: 'GET', path: '/', headers: {} }, via: 'each-gateway-zone' } as const;
    const load = {
      good,
      paths: [
        { ...path, name: 'entry' },
        { ...path, name: 'cart', good: own },
      ],
    };
    const { all, of } = rulesOf(load);
    expect([of('entry'), of('cart'), of('foreign')]).to.deep.equal([
      { index: 0, good },
      { index: 1, good: own },
      { index: 0, good },
    ]);
    expect(all).to.deep.equal([good, own]);
    expect(servicesOf(load)).to.deep.equal(['mocka', 'mockb', 'cart']);
    expect([shortestGood(load), longestGood(load)]).to.deep.equal([50, good.latencyMs]);
  });

  it('looks at no chain where the scenario names no services', () => {
    const any = { ...good, chain: [] };
    expect(isGood(response({ chain: -1 }), undefined, any)).to.equal(true);
    expect(isCompleteChain(chainOf(['x'], 'left over'), any)).to.equal(true);
  });
});
