import { expect } from 'chai';
import type { LintFinding } from '../finding.ts';
import { lint } from '../lint.ts';
import { drill, Mesh } from '../testing/mesh.ts';
import { headless } from './headless.ts';
import { noProxy } from './no-proxy.ts';
import { passthrough } from './passthrough.ts';
import { serviceMissing } from './service-missing.ts';
import { tcpService } from './tcp-service.ts';

const service = (spec: string, name = 'mockb') => `{kind: Service, metadata: {name: ${name}}, spec: ${spec}}`;
const found = (text: string) => [`${text} tokyo Service default/mockb`];

describe('passthrough', () => {
  const rule = (policy: string, rest = '') =>
    `{kind: DestinationRule, apiVersion: networking.istio.io/v1, metadata: {name: mockb}, spec: {host: mockb, trafficPolicy: {${policy}}${rest}}}`;
  const PASS = 'loadBalancer: {simple: PASSTHROUGH}';
  const OTHER = 'loadBalancer: {simple: LEAST_REQUEST}';
  const SETTINGS = 'outlierDetection: {consecutive5xxErrors: 50}';
  const port = (number: number, policy: string) =>
    `portLevelSettings: [{port: {number: ${number}}, ${policy}}], ${SETTINGS}`;
  const subset = (policy: string) => `, subsets: [{name: v1, labels: {app: mockb}, trafficPolicy: {${policy}}}]`;
  const TO_V1 =
    '{kind: VirtualService, metadata: {name: mockb}, spec: {hosts: [mockb], http: [{route: [{destination: {host: mockb, subset: v1}}]}]}}';

  for (const [what, yaml, expected] of [
    ['of the rule', rule(`${SETTINGS}, ${PASS}`), true],
    ['of the called port', rule(port(8000, PASS)), true],
    ['of another port', rule(port(9000, PASS)), false],
    ['of the subset', rule(SETTINGS, subset(PASS)), true],
    ['of the rule, with one of the subset’s own', rule(PASS, subset(OTHER)), false],
    ['of none', rule(`${SETTINGS}, ${OTHER}`), false],
  ] as const) {
    it(`is ${expected ? 'an error' : 'not'} where it is the balancer ${what}`, () => {
      const mesh = new Mesh().apply(yaml, 'tokyo');
      if (yaml.includes('subsets')) mesh.apply(TO_V1, 'tokyo');
      expect(mesh.finds(passthrough, drill())).to.deep.equal(
        expected ? ['error tokyo DestinationRule default/mockb'] : [],
      );
    });
  }

  it('is all that is said of whom the proxies choose', () => {
    const poor = (balancer: string) => rule(`${SETTINGS}, ${balancer}`);
    const rulesOf = (yaml: string) =>
      lint(new Mesh().apply(yaml).system(drill()))
        .findings.filter(({ object }) => object.kind === 'DestinationRule' && object.name === 'mockb')
        .map(({ rule: id }) => id);
    expect(rulesOf(poor(OTHER))).to.include('max-ejection-percent');
    expect(new Set(rulesOf(poor(PASS)))).to.deep.equal(new Set(['passthrough']));
  });
});

describe('headless-service', () => {
  it('is an error for a called Service, and nothing for one with a cluster IP', () => {
    const none = new Mesh().apply(service('{clusterIP: None, ports: [{name: http, port: 8000}]}'), 'tokyo');
    expect(none.finds(headless, drill())).to.deep.equal(found('error'));
    expect(none.finds(headless)).to.deep.equal(found('warning'));
    expect(new Mesh().finds(headless, drill())).to.deep.equal([]);
  });

  const NONE = service('{clusterIP: None, ports: [{name: http, port: 8000}]}');
  const POOR =
    '{outlierDetection: {consecutive5xxErrors: 50}, loadBalancer: {localityLbSetting: {enabled: false}}, connectionPool: {http: {http2MaxRequests: 1}}}';
  const poor = `{kind: DestinationRule, apiVersion: networking.istio.io/v1, metadata: {name: mockb}, spec: {host: mockb, trafficPolicy: ${POOR}}}`;
  const rulesOf = (mesh: Mesh) => [
    ...new Set(
      lint(mesh.system(drill()))
        .findings.filter(isOfMockb)
        .map(({ rule }) => rule),
    ),
  ];
  const isOfMockb = ({ object, what }: LintFinding) => object.name === 'mockb' || what.includes('mockb');

  it('is all that is said of a Service whose hosts no proxy chooses, beside what holds there as well', () => {
    expect(rulesOf(new Mesh().apply(poor))).to.include.members(['max-ejection-percent', 'locality-off', 'pool-limits']);
    expect(rulesOf(new Mesh().apply(poor).apply(NONE))).to.have.members(['headless-service', 'pool-limits']);
    const bare = () => new Mesh().remove('DestinationRule', 'mockb');
    expect(rulesOf(bare())).to.include('no-outlier-detection');
    expect(rulesOf(bare().apply(NONE))).to.deep.equal(['headless-service']);
  });

  it('leaves the headless Service of a StatefulSet to it', () => {
    const mesh = new Mesh().apply(NONE).edit('mockb', (pod) => {
      pod.labels = { ...pod.labels, 'statefulset.kubernetes.io/pod-name': pod.name };
    });
    const changes = lint(mesh.system(drill()), [headless]).findings.map(({ change }) => change);
    expect(changes.join()).to.contain('give callers a second Service of the same selector');
  });

  it('says nothing of one that only gives names to pods which another Service has, where nobody is known to call it', () => {
    const named = (sure: boolean) => {
      const mesh = new Mesh().apply(service('{clusterIP: None, ports: [{name: http, port: 8000}]}', 'mockb-pods'));
      mesh.edit('mockb', (pod) => {
        pod.services = [...pod.services, { service: 'default/mockb-pods', ports: { http: 8000 } }];
      });
      const { good } = drill().load;
      const load = { ...drill().load, good: { ...good, chain: ['mocka', 'mockb-pods'] } };
      return mesh.finds(headless, sure ? drill({ load }) : undefined);
    };
    expect(named(false)).to.deep.equal([]);
    expect(named(true)).to.deep.equal([
      ...['hangzhou', 'tokyo'].map((cluster) => `error ${cluster} Service default/mockb-pods`),
    ]);
  });
});

describe('tcp-service', () => {
  const finds = (port: string) => {
    const mesh = new Mesh().apply(service(`{ports: [${port}]}`), 'tokyo');
    mesh.edit('mockb', (pod) => {
      pod.services = [{ service: 'default/mockb', ports: { 'tcp-x': 8000, grpc: 8000, '': 8000 } }];
    });
    return mesh.finds(tcpService, drill());
  };

  it('warns of ports of bytes, by name or appProtocol', () => {
    expect(finds('{name: tcp-x, port: 8000}')).to.deep.equal(found('warning'));
    expect(finds('{name: grpc, appProtocol: tcp, port: 8000}')).to.deep.equal(found('warning'));
  });

  it('says nothing of HTTP, of gRPC, and of a port without a name, which Istio looks at itself', () => {
    expect(new Mesh().finds(tcpService, drill())).to.deep.equal([]);
    expect(finds('{name: grpc, port: 8000}')).to.deep.equal([]);
    expect(finds('{port: 8000}')).to.deep.equal([]);
  });
});

describe('service-missing', () => {
  it('is found in the cluster whose callers need it', () => {
    const mesh = new Mesh().remove('Service', 'mockb', 'tokyo');
    expect(mesh.finds(serviceMissing, drill())).to.deep.equal(found('error'));
    expect(mesh.finds(serviceMissing)).to.deep.equal([]);
  });

  it('is not where the cluster has it, or has no callers of it', () => {
    expect(new Mesh().finds(serviceMissing, drill())).to.deep.equal([]);
    const mesh = new Mesh().remove('Service', 'mockb', 'tokyo').edit('mocka-ap', (pod) => {
      pod.services = [];
    });
    expect(mesh.finds(serviceMissing, drill())).to.deep.equal([]);
  });
});

describe('no-proxy', () => {
  it('is found at a caller of the chain, and not at its end', () => {
    const bare = (name: string) =>
      new Mesh().edit(name, (pod) => {
        pod.proxied = false;
      });
    expect(bare('mocka-ap-northeast-1a').finds(noProxy, drill())).to.deep.equal([
      'error tokyo Pod default/mocka-ap-northeast-1a-0',
    ]);
    expect(bare('mocka').finds(noProxy, drill())).to.have.length(4);
    expect(bare('mockc').finds(noProxy, drill())).to.deep.equal([]);
    expect(new Mesh().finds(noProxy, drill())).to.deep.equal([]);
  });
});
