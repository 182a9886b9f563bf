import { expect } from 'chai';
import { lint } from '../lint.ts';
import { drill, Mesh } from '../testing/mesh.ts';
import { OUTLIER } from '../testing/outlier.ts';
import { noOutlierDetection } from './no-outlier-detection.ts';

const BARE = '{kind: DestinationRule, metadata: {name: mockb}, spec: {host: mockb}}';
const both = (text: string) => ['hangzhou', 'tokyo'].map((cluster) => text.replace('*', cluster));

describe('no-outlier-detection', () => {
  const rule = noOutlierDetection;
  const textOf = (mesh: Mesh) => lint(mesh.system(drill()), [rule]).findings[0]?.what;

  it('says nothing where every caller has it', () => {
    expect(new Mesh().finds(rule, drill())).to.deep.equal([]);
    expect(new Mesh().finds(rule)).to.deep.equal([]);
  });

  it('is an error for a call of the chain, a warning where somebody has only configured the host, else a note', () => {
    expect(new Mesh().apply(BARE).finds(rule, drill())).to.deep.equal(both('error * DestinationRule default/mockb'));
    expect(new Mesh().apply(BARE).finds(rule)).to.deep.equal(both('warning * DestinationRule default/mockb'));
    const none = new Mesh().remove('DestinationRule', 'mockb');
    expect(none.finds(rule)).to.deep.equal(both('info * Service default/mockb'));
  });

  it('is an error where a gateway routes to the Service, without any scenario', () => {
    expect(new Mesh().remove('DestinationRule', 'mocka').finds(rule)).to.deep.equal(
      both('error * Service default/mocka'),
    );
  });

  it('knows that settings of a port replace the policy, and names the field', () => {
    const ports = `{kind: DestinationRule, metadata: {name: mockb}, spec: {host: mockb, trafficPolicy: {${OUTLIER}, portLevelSettings: [{port: {number: 8000}, connectionPool: {tcp: {connectTimeout: 1s}}}]}}}`;
    const { findings } = lint(new Mesh().apply(ports).system(drill()), [rule]);
    expect(findings[0]?.field).to.equal('spec.trafficPolicy.portLevelSettings[0].outlierDetection');
    expect(findings).to.have.length(2);
  });

  it('is a note for a port whose own settings lack what those of another port have, which may be the one that is called', () => {
    const service = `{kind: Service, metadata: {name: mockb}, spec: {selector: {app: mockb}, ports: [{name: http, port: 8000}, {name: http-metrics, port: 9090}]}}`;
    const policy = (own: string) =>
      `{kind: DestinationRule, metadata: {name: mockb}, spec: {host: mockb, trafficPolicy: {${OUTLIER}, portLevelSettings: [${own}]}}}`;
    const bare = '{port: {number: 8000}, connectionPool: {tcp: {connectTimeout: 1s}}}';
    const withRule = (own: string) => new Mesh().apply(service).apply(policy(own));
    for (const scenario of [undefined, drill()]) {
      const { findings } = lint(withRule(bare).system(scenario), [rule]);
      expect(findings.map(({ severity, field }) => `${severity} ${field}`)).to.deep.equal(
        Array(2).fill('info spec.trafficPolicy.portLevelSettings[0].outlierDetection'),
      );
      expect(findings[0]?.what).to.contain('port 8000');
    }
    expect(withRule(`{port: {number: 8000}, ${OUTLIER}}`).finds(rule, drill())).to.deep.equal([]);
  });

  it('says which rules are passed over, and why', () => {
    const named = (name: string, spec: string, namespace = 'default') =>
      `{kind: DestinationRule, metadata: {name: ${name}, namespace: ${namespace}}, spec: ${spec}}`;
    const host = 'mockb.default.svc.cluster.local';
    const other = (spec: string, namespace?: string) =>
      textOf(new Mesh().remove('DestinationRule', 'mockb').apply(named('own', spec, namespace)));
    expect(other(`{host: ${host}, trafficPolicy: {${OUTLIER}}}`, 'platform')).to.include('neither the callers');
    expect(other(`{host: ${host}, exportTo: ["."], trafficPolicy: {${OUTLIER}}}`, 'istio-system')).to.include(
      'is not exported to default',
    );
    expect(other(`{host: ${host}, workloadSelector: {matchLabels: {app: x}}, trafficPolicy: {${OUTLIER}}}`)).to.include(
      'selects other workloads',
    );
    const wild = named('wild', `{host: "*.local", trafficPolicy: {${OUTLIER}}}`);
    expect(textOf(new Mesh().apply(BARE).apply(wild))).to.include('default/wild comes after default/mockb');
  });

  const selecting = (name: string, policy: string, labels = '{app: mocka}', more = '') =>
    `{kind: DestinationRule, metadata: {name: ${name}}, spec: {host: mockb, workloadSelector: {matchLabels: ${labels}}, trafficPolicy: {${policy}}${more}}}`;
  const POOL = 'connectionPool: {tcp: {connectTimeout: 3s}}';

  it('is an error for those whom a rule without it selects, however old the rule for all is', () => {
    const one = new Mesh().apply(selecting('own', POOL, '{version: ap-northeast-1a}'));
    expect(one.finds(rule, drill())).to.deep.equal(['error tokyo DestinationRule default/own']);
    expect(one.accusations(drill())).to.deep.equal(['error no-outlier-detection']);
    expect(textOf(one)).to.include('default/mockb is not for them, since default/own selects them and holds alone');
  });

  it('is nothing for those whom a rule with it selects, and said of the others', () => {
    const all = new Mesh().apply(BARE).apply(selecting('own', OUTLIER));
    expect(all.accusations(drill())).to.deep.equal([]);
    const some = new Mesh().apply(BARE).apply(selecting('own', OUTLIER, '{version: ap-northeast-1a}'));
    expect(some.finds(rule, drill())).to.deep.equal(both('error * DestinationRule default/mockb'));
    expect(textOf(some)).to.include('default/own selects other workloads');
  });

  it('says which rule hides one from callers that it does not select, or by another exportTo', () => {
    const own = selecting('own', POOL, '{app: x}');
    const all = `{kind: DestinationRule, metadata: {name: mockb}, spec: {host: mockb, exportTo: ["."], trafficPolicy: {${OUTLIER}}}}`;
    expect(textOf(new Mesh().apply(all).apply(own))).to.include(
      'default/mockb is hidden from them by default/own, which selects other workloads',
    );
    const young = `{kind: DestinationRule, metadata: {name: young}, spec: {host: mockb, exportTo: ["."], trafficPolicy: {${POOL}}}}`;
    expect(textOf(new Mesh().apply(young))).to.include(
      'default/mockb has another exportTo than default/young, which is younger and holds alone',
    );
  });

  it('is said of a gateway whose sidecars have it, in both clusters', () => {
    const mesh = new Mesh().apply(
      `{kind: DestinationRule, metadata: {name: mocka}, spec: {host: mocka, exportTo: ["."], trafficPolicy: {${OUTLIER}}}}`,
    );
    expect(mesh.finds(rule)).to.deep.equal(both('error * Service default/mocka'));
    expect(mesh.accusations()).to.deep.equal(['error no-outlier-detection']);
  });

  it('is a note where nothing of a cluster tells that its proxies are configured by its own objects', () => {
    const mesh = new Mesh().apply(BARE);
    const [, hangzhou] = mesh.clusters;
    if (hangzhou !== undefined) Object.assign(hangzhou, { destinationRules: [], virtualServices: [], gateways: [] });
    for (const one of mesh.beside) one.istiod = false;
    expect(mesh.finds(rule, drill())).to.deep.include.members(['error tokyo DestinationRule default/mockb']);
    expect(mesh.finds(rule, drill()).filter((text) => text.startsWith('error hangzhou'))).to.deep.equal([]);
  });
});
