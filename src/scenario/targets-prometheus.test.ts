import { resolve } from 'node:path';
import { expect } from 'chai';
import { parseTargets } from './targets.ts';
import { accepted, diagnosticsOf } from './testing/fixtures.ts';

const parse = (prometheus: string) =>
  parseTargets(
    `apiVersion: faultline/v1alpha1
kind: Targets
metadata: {name: shop}
spec:
  prometheus: ${prometheus}
  clusters:
    - {name: tokyo, region: r, kubeconfig: ./k, context: tokyo, gateways: [{zone: a, address: "127.0.0.1:80"}]}
`,
    'somewhere/targets.yaml',
  );
const problemsOf = (prometheus: string) =>
  diagnosticsOf(parse(prometheus)).map(({ line, column, code, message }) => `${line}:${column} ${code} ${message}`);

describe('scenario/targets: Prometheus', () => {
  it('has an address, a token of the environment, and an authority beside the targets file', () => {
    const text = '{url: "https://prometheus.example/tenant/", token: {env: TOKEN}, ca: ./ca.pem}';
    expect(accepted(parse(text)).prometheus).to.deep.equal({
      url: 'https://prometheus.example/tenant',
      token: { env: 'TOKEN', written: ['spec', 'prometheus', 'token', 'env'] },
      ca: { file: resolve('somewhere/ca.pem'), written: ['spec', 'prometheus', 'ca'] },
    });
  });

  it('sends no token in clear to another machine', () => {
    expect(problemsOf('{url: "http://prometheus.example:9090", token: {env: TOKEN}}')).to.deep.equal([
      '5:55 FIELD_VALUE the token would be sent in clear to another machine',
    ]);
    for (const host of ['127.0.0.1:9090', 'localhost', '[::1]:9090']) {
      expect(problemsOf(`{url: "http://${host}", token: {env: TOKEN}}`), host).to.deep.equal([]);
    }
    expect(problemsOf('{url: "http://127.0.0.1.example.com", token: {env: TOKEN}}')).to.have.length(1);
  });

  it('has an address that can be, and no secret in it, which no message quotes', () => {
    const wrong = [
      '"prometheus:9090"',
      '"https://user:s3cret@p"',
      '"https://p?key=s3cret"',
      '"https://p:99999"',
      '"https://"',
    ];
    for (const url of wrong) {
      const problems = problemsOf(`{url: ${url}}`);
      expect(problems, url).to.have.length(1);
      expect(problems[0])
        .to.match(/^5:21 FIELD_VALUE/)
        .and.not.contain('s3cret');
    }
    expect(problemsOf('{token: {env: TOKEN}}')).to.deep.equal([
      '5:3 FIELD_MISSING spec.prometheus needs the field `url`',
    ]);
    expect(problemsOf('{url: "http://p", ca: ./ca.pem}')).to.have.length(1);
  });
});
