import { expect } from 'chai';
import type { LintRule } from './finding.ts';
import { RULES } from './index.ts';
import { lint } from './lint.ts';
import { noOutlierDetection } from './rules/no-outlier-detection.ts';
import { drill, Mesh } from './testing/mesh.ts';
import { OUTLIER } from './testing/outlier.ts';

const OBJECT = { cluster: 'tokyo', kind: 'Service', namespace: 'default', name: 'a' };
const saying = (id: string, severity: LintRule['severity'], more: Partial<LintRule> = {}): LintRule => ({
  ...{ id, severity, title: '', why: '', change: '' },
  check: () => [{ object: OBJECT, field: 'spec', what: id, change: '' }],
  ...more,
});

describe('lint', () => {
  it('puts the worst first, and says nothing twice', () => {
    const twice: LintRule = { ...saying('b', 'error'), check: (system) => [...once(system), ...once(system)] };
    const { check: once } = saying('b', 'error');
    const { findings } = lint(new Mesh().system(), [saying('a', 'info'), twice, saying('c', 'warning')]);
    expect(findings.map(({ rule, severity }) => [rule, severity])).to.deep.equal([
      ['b', 'error'],
      ['c', 'warning'],
      ['a', 'info'],
    ]);
  });

  it('has a rule be silent that lacks what it needs, and says why', () => {
    const mesh = new Mesh();
    mesh.unread.push({ what: 'roots', cluster: 'tokyo', reason: 'forbidden' });
    const rules = [saying('needy', 'error', { needs: ['roots'] }), saying('other', 'error', { needs: ['workloads'] })];
    const { findings, untold } = lint(mesh.system(), rules);
    expect(findings.map(({ rule }) => rule)).to.deep.equal(['other']);
    expect(untold).to.deep.equal(['cluster tokyo: forbidden (needy)']);
  });

  it('needs more than the mesh for what stands on workloads, roots and control planes, and for nothing else', () => {
    const needy = RULES.filter(({ needs }) => needs !== undefined).map(
      ({ id, needs = [] }) => `${id}: ${needs.join()}`,
    );
    expect(needy).to.deep.equal([
      'configuration-not-read: configuration',
      'one-east-west-pod: workloads',
      'ambient-without-waypoint: namespaces',
      'ambient-waypoint: namespaces',
      'trust-roots-differ: roots',
      'remote-cluster-unknown: control planes',
      ...['stats-matcher', 'masked-fault', 'gitops-owner', 'autoscaled', 'blocking-budget'].map(
        (id) => `${id}: workloads`,
      ),
    ]);
  });

  it('says which names of the chain are no Service', () => {
    const scenario = drill();
    const load = { ...scenario.load, good: { ...scenario.load.good, chain: ['mocka', 'nobody'] } };
    expect(lint(new Mesh().system({ ...scenario, load })).untold).to.deep.equal([
      'no observed namespace has a Service nobody (load.good.chain): who calls it is not known',
    ]);
  });

  it('tells that nobody is known to call what begins a chain where no gateway routes', () => {
    const scenario = (chain: readonly string[]) => ({
      ...drill(),
      load: { ...drill().load, good: { ...drill().load.good, chain } },
    });
    const untold = (mesh: Mesh, ...chain: string[]) => lint(mesh.system(scenario(chain))).untold;
    const text = 'load.good.chain begins with default/mockb, and no gateway routes there: who calls it is not known';
    expect(untold(new Mesh(), 'mockb')).to.deep.equal([text]);
    expect(untold(new Mesh(), 'mockb', 'mockc')).to.deep.equal([text]);
    expect(untold(new Mesh(), 'mocka', 'mockb')).to.deep.equal([]);
    expect(untold(new Mesh().remove('VirtualService', 'mock'), 'mockb')).to.deep.equal([]);
    const bare = new Mesh().apply('{kind: DestinationRule, metadata: {name: mockb}, spec: {host: mockb}}');
    expect(bare.accusations(scenario(['mockb']))).to.deep.equal(['warning no-outlier-detection']);
  });

  it('takes a stated Service for the one of the chain, and says where there is none', () => {
    const { load, ...rest } = drill();
    const named = { ...rest, load: { ...load, good: { ...load.good, chain: ['mocka', 'backend'] } } };
    const chainOf = (services: Record<string, string>) => new Mesh().system({ ...named, services }).chain;
    expect(chainOf({ backend: 'default/mockb' })?.hops).to.deep.equal([
      { from: ['default/mocka'], to: ['default/mockb'] },
    ]);
    expect(chainOf({ backend: 'elsewhere/mockb' })?.unknown).to.deep.equal(['elsewhere/mockb']);
  });

  it('takes who calls several for the caller of each', () => {
    const { load, ...rest } = drill();
    const chain = { ...load.chain, calls: { mocka: ['mockb', 'mockc'] } };
    const tree = { ...rest, load: { ...load, chain, good: { ...load.good, chain: ['mocka', 'mockb', 'mockc'] } } };
    expect(new Mesh().system(tree).chain?.hops).to.deep.equal([
      { from: ['default/mocka'], to: ['default/mockb'] },
      { from: ['default/mocka'], to: ['default/mockc'] },
    ]);
  });

  it('says what lies outside of the namespaces that were read, and accuses nobody of it', () => {
    const mesh = new Mesh().remove('DestinationRule', 'mocka');
    mesh.apply('{kind: ConfigMap, metadata: {name: istio}, data: {mesh: "rootNamespace: elsewhere"}}', 'tokyo');
    mesh.apply(
      '{kind: VirtualService, metadata: {name: other}, spec: {hosts: [x.test], gateways: [mock], http: [{route: [{destination: {host: api.shop.svc.cluster.local}}, {destination: {host: example.com}}]}]}}',
      'tokyo',
    );
    const { untold } = lint(mesh.system());
    expect(untold).to.deep.equal([
      'cluster tokyo: root namespace elsewhere was not read',
      'gateways route to shop/api: spec.observe.namespaces does not name the namespace',
    ]);
    expect(mesh.finds(noOutlierDetection)).to.deep.equal([
      'error hangzhou Service default/mocka',
      'info tokyo Service default/mocka',
    ]);
  });

  it('looks with a scenario at the services that it speaks of, and at no others', () => {
    const mesh = new Mesh();
    mesh.apply('{kind: Service, metadata: {name: other}, spec: {ports: [{name: http, port: 8000}]}}');
    mesh.edit('mockc', (pod) => {
      pod.services = [...pod.services, { service: 'default/other', ports: { http: 8000 } }];
    });
    mesh.apply(
      '{kind: VirtualService, metadata: {name: other}, spec: {hosts: [x.test], gateways: [mock], http: [{route: [{destination: {host: other}}]}]}}',
    );
    expect(mesh.accusations()).to.deep.equal(['error no-outlier-detection']);
    expect(mesh.accusations(drill())).to.deep.equal([]);
  });

  it('takes a call for configured only where the rule or route is there for the caller', () => {
    const mesh = new Mesh().remove('DestinationRule', 'mockb');
    const rule = (spec: string) => `{kind: DestinationRule, metadata: {name: mockb}, spec: {host: mockb, ${spec}}}`;
    mesh.apply(rule(`exportTo: [nobody], trafficPolicy: {${OUTLIER}}`));
    mesh.edit('mocka', (pod) => {
      pod.namespace = 'front';
    });
    mesh.apply(rule('workloadSelector: {matchLabels: {app: nobody}}'));
    const severities = new Set(mesh.finds(noOutlierDetection).map((text) => text.split(' ')[0]));
    expect([...severities]).to.deep.equal(['info']);
  });

  it('is less sure where an EnvoyFilter patches outlier detection', () => {
    const mesh = new Mesh().remove('DestinationRule', 'mockb');
    mesh.apply(
      '{kind: EnvoyFilter, metadata: {name: f, namespace: istio-system}, spec: {configPatches: [{applyTo: CLUSTER, patch: {value: {outlier_detection: {}}}}]}}',
    );
    expect(mesh.finds(noOutlierDetection, drill())).to.deep.equal([
      'warning hangzhou Service default/mockb',
      'warning tokyo Service default/mockb',
    ]);
  });
});
