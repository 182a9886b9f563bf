import { expect } from 'chai';
import { lint } from '../lint.ts';
import { drill, Mesh } from '../testing/mesh.ts';
import { httpsRedirect, noGatewayRoute } from './gateway-entry.ts';

const gateway = (server: string) =>
  `{kind: Gateway, metadata: {name: mock}, spec: {selector: {istio: ingressgateway}, servers: [{port: {number: 80, protocol: HTTP}, ${server}}]}}`;
const REDIRECT = gateway('hosts: [mock.test], tls: {httpsRedirect: true}');
const route = (http: string) =>
  `{kind: VirtualService, metadata: {name: mock}, spec: {hosts: [mock.test], gateways: [mock], http: [${http}]}}`;

function overTls(mesh: Mesh): Mesh {
  const clusters = mesh.target.clusters.map((cluster) => {
    const gateways = cluster.gateways.map((one) => ({
      ...one,
      address: { kind: 'url' as const, protocol: 'https' as const, host: 'a', port: 443 },
    }));
    return { ...cluster, gateways };
  });
  mesh.target = { ...mesh.target, clusters };
  return mesh;
}

describe('https-redirect', () => {
  it('is an error for a request of the scenario, a warning without one', () => {
    expect(new Mesh().apply(REDIRECT, 'tokyo').finds(httpsRedirect, drill())).to.deep.equal([
      'error tokyo Gateway default/mock',
    ]);
    expect(new Mesh().apply(REDIRECT, 'tokyo').finds(httpsRedirect)).to.deep.equal([
      'warning tokyo Gateway default/mock',
    ]);
  });

  it('is not where the scenario takes a redirect for good', () => {
    const { load } = drill();
    const good = { ...load.good, status: 301, chain: [] };
    const paths = load.paths.map((path) => ({ ...path, good }));
    const mesh = new Mesh().apply(REDIRECT).apply(route('{redirect: {uri: /new}}'));
    expect(mesh.finds(httpsRedirect, drill({ load: { ...load, paths } }))).to.deep.equal([]);
    expect(mesh.finds(noGatewayRoute, drill({ load: { ...load, paths } }))).to.deep.equal([]);
  });

  it('is of gateways that have all labels of the selector', () => {
    const both = REDIRECT.replace('istio: ingressgateway', 'istio: ingressgateway, gate: other');
    expect(new Mesh().apply(both).finds(httpsRedirect)).to.deep.equal([]);
    const mesh = new Mesh().remove('DestinationRule', 'mocka').apply(both);
    expect(mesh.system().calls.filter(({ caller }) => caller.gateway)).to.deep.equal([]);
  });

  it('is not where requests come over TLS, for another host, or without redirect', () => {
    expect(overTls(new Mesh().apply(REDIRECT)).finds(httpsRedirect, drill())).to.deep.equal([]);
    const other = gateway('hosts: [other.test], tls: {httpsRedirect: true}');
    expect(new Mesh().apply(other).finds(httpsRedirect, drill())).to.deep.equal([]);
    expect(new Mesh().finds(httpsRedirect, drill())).to.deep.equal([]);
  });
});

describe('no-gateway-route', () => {
  const finds = (mesh: Mesh) => mesh.finds(noGatewayRoute, drill());
  const lost = ['error tokyo Gateway default/mock'];

  it('is found where no server takes the host, or no route the path', () => {
    expect(finds(new Mesh().apply(gateway('hosts: [other.test]'), 'tokyo'))).to.deep.equal(lost);
    const narrow = route('{match: [{uri: {prefix: /other}}], route: [{destination: {host: mocka}}]}');
    expect(finds(new Mesh().apply(narrow, 'tokyo'))).to.deep.equal(lost);
    expect(finds(new Mesh().apply(route('{redirect: {uri: /new}}'), 'tokyo'))).to.deep.equal(lost);
  });

  it('does not print the query of a request', () => {
    const { load } = drill();
    const paths = load.paths.map((one) => ({ ...one, request: { ...one.request, path: '/none?key=secret' } }));
    const narrow = route('{match: [{uri: {prefix: /other}}], route: [{destination: {host: mocka}}]}');
    const report = lint(new Mesh().apply(narrow).system(drill({ load: { ...load, paths } })), [noGatewayRoute]);
    expect(JSON.stringify(report)).to.include('mock.test/none').and.not.include('secret');
  });

  it('is not where the request is sent on, or comes over TLS, which is not looked at', () => {
    expect(finds(new Mesh())).to.deep.equal([]);
    expect(finds(overTls(new Mesh().apply(gateway('hosts: [other.test]'))))).to.deep.equal([]);
  });
});
