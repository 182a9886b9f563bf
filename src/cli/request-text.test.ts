import { expect } from 'chai';
import type { Load, PathTemplate } from '../model/scenario.ts';
import { describeRequests } from './request-text.ts';

const path = (name: string, more: Partial<PathTemplate> = {}): PathTemplate => ({
  name,
  request: { method: 'GET', path: `/${name}`, headers: {} },
  via: 'each-gateway-zone',
  ...more,
});

const load = (...paths: PathTemplate[]): Load => ({
  paths,
  ratePerSecond: 10,
  timeoutMs: 1000,
  connections: 'kept',
  chain: { from: { kind: 'body' }, hop: '' },
  good: { status: 200, chain: ['a'], latencyMs: 1000 },
});

describe('what a plan says of requests', () => {
  it('is nothing of plain ones', () => {
    expect(describeRequests(load(path('entry')))).to.deep.equal([]);
  });

  it('is the body and what a good answer says', () => {
    const post = { method: 'POST', path: '/orders', headers: {}, body: { kind: 'json', text: '{"a":1}' } } as const;
    const good = {
      status: [
        { from: 200, to: 204 },
        { from: 302, to: 302 },
      ],
      chain: ['a', 'b'],
      latencyMs: 300,
      content: [
        { of: 'header', name: 'x', expected: { matches: '^y' } },
        { of: 'body', pointer: '/status', expected: { equals: 'ok' } },
      ],
    } as const;
    const lines = describeRequests(load(path('entry'), path('order', { request: post, good })));
    expect(lines).to.deep.equal([
      '  order: POST /orders with JSON (about 7 bytes); good: status 200-204 or 302, chain a > b, header x like /^y/, body /status "ok", within 300ms',
    ]);
  });

  it('is the call of gRPC', () => {
    const call = { method: 'POST', path: '/a.B/C', headers: {}, protocol: 'grpc' } as const;
    const health = { ...call, body: { kind: 'health', service: 'shop' } } as const;
    const good = {
      status: 200,
      chain: [],
      latencyMs: 300,
      content: [{ of: 'grpc', status: ['OK'], serving: true }],
    } as const;
    const lines = describeRequests(load(path('call', { request: call }), path('health', { request: health, good })));
    expect(lines).to.deep.equal([
      '  call: gRPC /a.B/C; good: status 200, chain a, within 1s',
      '  health: gRPC /a.B/C with the service "shop"; good: status 200, gRPC OK and SERVING, within 300ms',
    ]);
  });
});
