import { resolve } from 'node:path';
import { expect } from 'chai';
import { parseTargets } from './targets.ts';
import { accepted, diagnosticsOf, places } from './testing/fixtures.ts';

const targets = (
  ofCluster: string,
  ofFirst: string,
  second = 'address: "https://[::1]"',
) => `apiVersion: faultline/v1alpha1
kind: Targets
metadata: {name: shop}
spec:
  clusters:
    - name: tokyo
      region: ap-northeast-1
      kubeconfig: ./kubeconfig
      context: tokyo
${ofCluster}      gateways:
        - {zone: a, address: "https://127.0.0.11"${ofFirst}}
        - {zone: b, ${second}}
`;

const parse = (text: string) => parseTargets(text, 'somewhere/targets.yaml');
const gatewaysOf = (text: string) => accepted(parse(text)).clusters[0]?.gateways.map(({ tls }) => tls);
const problemsOf = (text: string) => diagnosticsOf(parse(text)).map(({ code, message }) => `${code} ${message}`);

describe('scenario/targets: TLS', () => {
  const ofCluster = ['spec', 'clusters', 0, 'tls'];
  const ofFirst = ['spec', 'clusters', 0, 'gateways', 0, 'tls'];

  it('is that of the cluster, and field by field that of a gateway', () => {
    const text = targets(
      '      tls: {ca: ./ca.pem, cert: {env: CERT}, key: /k.pem}\n',
      ', tls: {ca: {env: CA}, serverName: shop.example.com}',
    );
    const client = {
      cert: { env: 'CERT', written: [...ofCluster, 'cert', 'env'] },
      key: { file: '/k.pem', written: [...ofCluster, 'key'] },
    };
    expect(gatewaysOf(text)).to.deep.equal([
      { ca: { env: 'CA', written: [...ofFirst, 'ca', 'env'] }, client, serverName: 'shop.example.com' },
      { ca: { file: resolve('somewhere/ca.pem'), written: [...ofCluster, 'ca'] }, client },
    ]);
  });

  it('checks certificates unless the nearest word on it is insecure', () => {
    expect(gatewaysOf(targets('      tls: {insecure: true}\n', ', tls: {ca: c.pem}'))).to.deep.equal([
      { ca: { file: resolve('somewhere/c.pem'), written: [...ofFirst, 'ca'] } },
      { insecure: true },
    ]);
    expect(gatewaysOf(targets('      tls: {ca: c.pem}\n', ', tls: {insecure: true}'))?.[0]).to.deep.equal({
      insecure: true,
    });
    expect(gatewaysOf(targets('      tls: {insecure: true}\n', ', tls: {insecure: false}'))?.[0]).to.equal(undefined);
  });

  it('is nothing for a gateway without TLS beside one that has it', () => {
    const text = targets('      tls: {serverName: s.example}\n', '', 'address: "127.0.0.12:80"');
    expect(gatewaysOf(text)).to.deep.equal([{ serverName: 's.example' }, undefined]);
  });

  it('says what cannot be, and where', () => {
    expect(problemsOf(targets('', ', tls: {cert: c.pem}'))).to.deep.equal([
      'FIELD_MISSING a client certificate needs `cert` and `key`, and `key` is not there',
    ]);
    expect(problemsOf(targets('', ', tls: {insecure: true, ca: c.pem}'))).to.deep.equal([
      'FIELD_VALUE `insecure: true` checks no certificate, so that `ca` has no meaning',
    ]);
    expect(problemsOf(targets('', '', 'address: "127.0.0.12:80", tls: {ca: c.pem}'))).to.deep.equal([
      'FIELD_VALUE this gateway is spoken to without TLS',
    ]);
    const http = targets('      tls: {ca: c.pem}\n', '', 'service: {namespace: n, name: s, port: 443}');
    expect(problemsOf(http.replace('https:', 'http:'))).to.deep.equal([
      'FIELD_VALUE no gateway of this cluster is spoken to with TLS',
    ]);
    expect(places(diagnosticsOf(parse(targets('', ', tls: {serverName: 10.0.0.1}'))))).to.deep.equal([
      '11:70 FIELD_VALUE',
    ]);
    expect(problemsOf(targets('', ', tls: {}'))).to.have.length(1);
  });
});
