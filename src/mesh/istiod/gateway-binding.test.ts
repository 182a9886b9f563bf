import { expect } from 'chai';
import { MESH_KINDS } from '../../model/kubernetes.ts';
import type { Json } from '../../model/scenario.ts';
import { bindingFor, entryFor, gatewayAnswer } from './gateway-binding.ts';

const LABELS = { istio: 'ingressgateway' };
const HOST = 'shop.test';

function gateway(name: string, servers: Json, selector: Json = LABELS) {
  return { ...MESH_KINDS.gateways, metadata: { name, namespace: 'shop' }, spec: { selector, servers } };
}

function server(number: number, more: { readonly [field: string]: Json } = {}, protocol = 'HTTP'): Json {
  return { port: { number, name: 'p', protocol }, hosts: [HOST], ...more };
}

const REDIRECT = { tls: { httpsRedirect: true } };

describe('what Gateways make of a host', () => {
  it('is of those for the pod that take it in plain HTTP, with the namespaces that they take routes from', () => {
    const all = [
      gateway('own', [server(80, { hosts: [`./${HOST}`, `web/${HOST}`, '*'] })]),
      gateway('of-others', [server(80)], { istio: 'other' }),
      gateway('of-another-host', [server(80, { hosts: ['*.org'] })]),
      gateway('encrypted', [server(443, {}, 'HTTPS'), server(444, { tls: { mode: 'AUTO_PASSTHROUGH' } }, 'TLS')]),
    ];
    const name = 'shop/own';
    const plain = { host: HOST, protocol: 'http' } as const;
    expect(entryFor(all, LABELS, plain)).to.deep.equal({
      gateways: ['shop', 'web', '*'].map((from) => ({ name, from })),
      port: 80,
      redirects: false,
    });
    expect(entryFor(all.slice(1), LABELS, plain)).to.deep.equal({ gateways: [], port: undefined, redirects: false });
  });

  it('is of the servers that are asked about', () => {
    const all = [gateway('first', [server(80)]), gateway('second', [server(8080)])];
    const at = (number: number) =>
      bindingFor(all, LABELS, HOST, ({ port }) => (port as { number: number }).number === number);
    expect([at(80).port, at(8080).port, at(81).port]).to.deep.equal([80, 8080, undefined]);
    expect(bindingFor(all, LABELS, HOST, () => true).gateways.map(({ name }) => name)).to.deep.equal([
      ...['shop/first', 'shop/second'],
    ]);
  });

  it('is to go to HTTPS where a server says so, unless another port takes the host as well', () => {
    const to = (...servers: Json[]) => entryFor([gateway('own', servers)], LABELS, { host: HOST, protocol: 'http' });
    expect(to(server(80, REDIRECT), server(443, {}, 'HTTPS')).redirects).to.equal(true);
    expect(to(server(80, REDIRECT), server(80)).redirects).to.equal(true);
    expect(to(server(80, REDIRECT), server(8080))).to.deep.include({ port: 8080, redirects: false });
    const table = {
      ...{ virtualServices: [], caller: { namespace: 'shop', labels: LABELS }, random: () => 0, ports: new Map() },
      defaultRetry: { retries: 0, on: [], statusCodes: [], remoteLocalities: false },
    };
    const request = { host: HOST, path: '/a?b', method: 'GET', headers: {} };
    const answer = (...servers: Json[]) => gatewayAnswer(table, to(...servers), request);
    expect(answer(server(80, REDIRECT))).to.deep.include({ status: 301, location: 'https://shop.test/a?b' });
    expect(answer(server(80))).to.deep.include({ status: 404 });
  });

  it('is for clients of HTTPS of the server that ends TLS, and of plain HTTP where none does', () => {
    const to = (...servers: Json[]) => entryFor([gateway('own', servers)], LABELS, { host: HOST, protocol: 'https' });
    const ending = server(443, { tls: { mode: 'SIMPLE' } }, 'HTTPS');
    expect(to(server(80, REDIRECT), ending)).to.deep.include({ port: 443, redirects: false });
    expect(to(server(80), server(443, { tls: { mode: 'PASSTHROUGH' } }, 'HTTPS')).port).to.equal(80);
    expect(to(server(80), server(443, {}, 'HTTPS')).port).to.equal(80);
  });
});
