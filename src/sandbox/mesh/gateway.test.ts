import { expect } from 'chai';
import { isPassing } from '../../mesh/istiod/gateway-binding.ts';
import { defaultRetryPolicy } from '../../mesh/retry.ts';
import { KINDS, type KubeObject } from '../../model/kubernetes.ts';
import { type JsonMap, mapOf, mapsOf } from '../api/json.ts';
import { type HttpRequest, TEXT } from '../programs/http.ts';
import { type GatewayListener, type GatewayProxy, ingressGateway, listensOn, passesOn } from './gateway.ts';

const API = 'networking.istio.io/v1';
const GATEWAY: KubeObject = {
  apiVersion: API,
  kind: 'Gateway',
  metadata: { name: 'mock', namespace: 'default' },
  spec: {
    selector: { istio: 'ingressgateway' },
    servers: [{ port: { number: 80, name: 'http', protocol: 'HTTP' }, hosts: ['default/mock.asm-demo.work'] }],
  },
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

const SERVICE: KubeObject = {
  ...KINDS.service,
  metadata: { name: 'gateway', namespace: 'istio-system' },
  spec: { selector: { istio: 'ingressgateway' }, ports: [{ name: 'http2', port: 80, targetPort: 'http2' }] },
};

function podWith(labels: Record<string, string>): KubeObject {
  const containers = [{ name: 'istio-proxy', ports: [{ name: 'http2', containerPort: 8080 }] }];
  return { ...KINDS.pod, metadata: { name: 'gateway', namespace: 'istio-system', labels }, spec: { containers } };
}

/** A change of the Gateway's one server. */
function gatewayWith(server: JsonMap): KubeObject {
  const spec = mapOf(GATEWAY.spec);
  return { ...GATEWAY, spec: { ...spec, servers: [{ ...mapsOf(spec.servers)[0], ...server }] } };
}

function listener(
  gateway = GATEWAY,
  { labels = { istio: 'ingressgateway' }, port = 8080 }: { labels?: Record<string, string>; port?: number } = {},
): Omit<GatewayListener, 'sidecar'> {
  return { pod: podWith(labels), port, config: { gateways: [gateway], services: [SERVICE] } };
}

async function ask(change: Partial<HttpRequest> = {}, where = listener()) {
  const sent: HttpRequest[] = [];
  const proxy: GatewayProxy = {
    routes: {
      virtualServices: [ROUTE],
      caller: { namespace: 'istio-system', labels: {} },
      random: () => 0.5,
      defaultRetry: defaultRetryPolicy('>=1.24'),
      ports: new Map(),
    },
    send: async (request) => {
      sent.push(request);
      return { status: 200, body: 'ok', contentType: TEXT };
    },
  };
  const request = { method: 'GET', path: '/mock', host: 'mock.asm-demo.work', headers: {}, ...change };
  const signal = new AbortController().signal;
  const answer = await ingressGateway({ ...where, sidecar: proxy }, () => 0.5, request, signal);
  return { status: answer?.status, sent, ...(answer?.headers === undefined ? {} : { headers: answer.headers }) };
}

describe('ingress gateway', () => {
  it('forwards by host and path, whatever the port in the host header', async () => {
    expect(await ask()).to.deep.include({ status: 200 });
    expect(await ask({ host: 'mock.asm-demo.work:8080', path: '/mock/more' })).to.deep.include({ status: 200 });
  });

  it('answers 404 for another host or path, and when no Gateway binds to its pod', async () => {
    const [plain] = mapsOf(mapOf(GATEWAY.spec).servers);
    const encrypted = { ...plain, port: { number: 80, name: 'https', protocol: 'HTTPS' } };
    const servers = [{ ...plain, hosts: ['other.test'] }, encrypted];
    const spec = { selector: { istio: 'ingressgateway' }, servers };
    expect(await ask({}, listener({ ...GATEWAY, spec })), 'TLS is not spoken').to.deep.include({ status: 404 });
    for (const got of [
      await ask({ host: 'other.org' }),
      await ask({ path: '/' }),
      await ask({}, listener(GATEWAY, { labels: { istio: 'egress' } })),
    ]) {
      expect(got).to.deep.equal({ status: 404, sent: [] });
    }
  });

  it('listens where a Service of its pod sends the port of a Gateway server, and nowhere else', () => {
    const listens = (...where: Parameters<typeof listener>): boolean =>
      listensOn({ ...listener(...where), sidecar: { routes: undefined, send: async () => undefined } });
    expect(listens(GATEWAY, { port: 8080 })).to.equal(true);
    expect(listens(GATEWAY, { port: 80 }), 'the port of the Service itself').to.equal(false);
    const other = gatewayWith({ port: { number: 8080, name: 'http', protocol: 'HTTP' } });
    expect(listens(other, { port: 8080 }), 'no Service has it: Envoy takes the number as it is').to.equal(true);
    const moved = gatewayWith({ port: { number: 81, name: 'http', protocol: 'HTTP' } });
    expect(listens(moved, { port: 8080 }), 'a port that no Service sends to').to.equal(false);
    const tls = gatewayWith({ port: { number: 80, name: 'https', protocol: 'HTTPS' } });
    expect(listens(tls, { port: 8080 }), 'TLS is not spoken here').to.equal(false);
  });

  it('redirects to https where the server says so, whatever the path', async () => {
    const redirecting = listener(gatewayWith({ tls: { httpsRedirect: true } }));
    expect(await ask({ path: '/any?x=1' }, redirecting)).to.deep.equal({
      status: 301,
      sent: [],
      headers: { location: 'https://mock.asm-demo.work/any?x=1' },
    });
    expect(await ask({ host: 'other.org' }, redirecting)).to.deep.equal({ status: 404, sent: [] });
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

describe('east-west gateway', () => {
  const SNI = 'outbound_.8000_._.mockb.default.svc.cluster.local';
  const passing = (server: JsonMap = {}) =>
    gatewayWith({
      port: { number: 80, name: 'tls', protocol: 'TLS' },
      tls: { mode: 'AUTO_PASSTHROUGH' },
      hosts: ['*.local'],
      ...server,
    });
  const passes = (gateway: KubeObject, sni = SNI, port = 8080): boolean =>
    passesOn({ ...listener(gateway, { port }), sidecar: { routes: undefined, send: async () => undefined } }, sni);

  it('passes a connection on by the name that it asks for, on the port of the server', () => {
    expect(passes(passing())).to.equal(true);
    expect(passes(passing(), 'outbound_.8000_.v1_.mockb.default.svc.cluster.local'), 'a subset').to.equal(true);
    expect(passes(passing({ hosts: ['mockb.default.svc.cluster.local'] }))).to.equal(true);
    expect(passes(passing({ hosts: ['*.other'] })), 'a host that is not exposed').to.equal(false);
    expect(passes(passing(), 'mockb.default.svc.cluster.local'), 'no name of the mesh').to.equal(false);
    expect(passes(passing(), SNI, 80)).to.equal(false);
    expect(passes(passing({ tls: { mode: 'PASSTHROUGH' } }))).to.equal(false);
  });

  it('is one where a server of its pod passes on', () => {
    expect(isPassing({ istio: 'ingressgateway' }, [passing()])).to.equal(true);
    expect(isPassing({ istio: 'ingressgateway' }, [GATEWAY])).to.equal(false);
    expect(isPassing({ istio: 'other' }, [passing()])).to.equal(false);
  });
});
