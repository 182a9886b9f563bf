import { expect } from 'chai';
import { defaultRetryPolicy } from '../../mesh/retry.ts';
import type { KubeObject } from '../../model/kubernetes.ts';
import { type HttpRequest, TEXT } from '../programs/http.ts';
import { type GatewayProxy, ingressGateway } from './gateway.ts';

const API = 'networking.istio.io/v1';
const GATEWAY: KubeObject = {
  apiVersion: API,
  kind: 'Gateway',
  metadata: { name: 'mock', namespace: 'default' },
  spec: { selector: { istio: 'ingressgateway' }, servers: [{ hosts: ['default/mock.asm-demo.work'] }] },
};
const ROUTE: KubeObject = {
  apiVersion: API,
  kind: 'VirtualService',
  metadata: { name: 'mock', namespace: 'default' },
  spec: {
    hosts: ['*'],
    gateways: ['mock'],
    http: [
      { match: [{ uri: { prefix: '/mock' } }], route: [{ destination: { host: 'mocka', port: { number: 8000 } } }] },
    ],
  },
};

async function ask(change: Partial<HttpRequest> = {}, labels: Record<string, string> = { istio: 'ingressgateway' }) {
  const sent: HttpRequest[] = [];
  const proxy: GatewayProxy = {
    options: { client: { labels } },
    routes: { virtualServices: [ROUTE], defaultRetry: defaultRetryPolicy('>=1.24') },
    send: async (request) => {
      sent.push(request);
      return { status: 200, body: 'ok', contentType: TEXT };
    },
  };
  const request = { method: 'GET', path: '/mock', host: 'mock.asm-demo.work', headers: {}, ...change };
  const answer = await ingressGateway(proxy, [GATEWAY], () => 0.5, request, new AbortController().signal);
  return { status: answer?.status, sent };
}

describe('ingress gateway', () => {
  it('forwards by host and path, whatever the port in the host header', async () => {
    expect(await ask()).to.deep.include({ status: 200 });
    expect(await ask({ host: 'mock.asm-demo.work:8080', path: '/mock/more' })).to.deep.include({ status: 200 });
  });

  it('answers 404 for another host or path, and when no Gateway binds to its pod', async () => {
    for (const got of [
      await ask({ host: 'other.org' }),
      await ask({ path: '/' }),
      await ask({}, { istio: 'egress' }),
    ]) {
      expect(got).to.deep.equal({ status: 404, sent: [] });
    }
  });

  it('gives a request its id, keeps one it has, and keeps connection headers to itself', async () => {
    const headers = { connection: 'close', 'content-length': '3', 'x-test': '1' };
    const { sent } = await ask({ headers });
    expect(Object.keys(sent[0]?.headers ?? {})).to.deep.equal(['x-test', 'x-request-id']);
    expect(sent[0]?.headers['x-request-id']).to.match(/^[0-9a-f-]{36}$/);
    const again = await ask({ headers: { 'x-request-id': 'mine' } });
    expect(again.sent[0]?.headers['x-request-id']).to.equal('mine');
  });
});
