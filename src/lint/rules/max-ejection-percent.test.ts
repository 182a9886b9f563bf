import { expect } from 'chai';
import type { LiveCluster } from '../../predict/live-system.ts';
import { lint } from '../lint.ts';
import { drill, Mesh } from '../testing/mesh.ts';
import { maxEjectionPercent } from './max-ejection-percent.ts';

const limited = (block: string) =>
  `{kind: DestinationRule, metadata: {name: mockb}, spec: {host: mockb, trafficPolicy: {outlierDetection: ${block}}}}`;
const both = ['hangzhou', 'tokyo'];

describe('max-ejection-percent', () => {
  const rule = maxEjectionPercent;

  it('is an error where it is less than one host, the default of 10 % included', () => {
    const wrong = both.map((cluster) => `error ${cluster} DestinationRule default/mockb`);
    expect(new Mesh().apply(limited('{consecutive5xxErrors: 1}')).finds(rule, drill())).to.deep.equal(wrong);
    expect(new Mesh().apply(limited('{maxEjectionPercent: 24}')).finds(rule, drill())).to.deep.equal(wrong);
  });

  it('says nothing where all hosts of the largest zone may go', () => {
    expect(new Mesh().apply(limited('{maxEjectionPercent: 25}')).finds(rule, drill())).to.deep.equal([]);
    expect(new Mesh().finds(rule, drill())).to.deep.equal([]);
  });

  it('warns where one zone has more hosts than may go', () => {
    const mesh = new Mesh().apply(limited('{maxEjectionPercent: 40}'));
    const like = mesh.pods.find(({ name }) => name.startsWith('mockb-ap-northeast-1a'));
    if (like === undefined) throw new Error('no pod');
    mesh.pods.push({ ...like, ip: '2', name: '2' }, { ...like, ip: '3', name: '3' });
    expect(mesh.finds(rule, drill())).to.deep.equal(both.map((one) => `warning ${one} DestinationRule default/mockb`));
  });

  it('counts pods of a subset that are just starting, too', () => {
    const mesh = new Mesh().apply(
      '{kind: DestinationRule, metadata: {name: mockb}, spec: {host: mockb, subsets: [{name: all, labels: {app: mockb}, trafficPolicy: {outlierDetection: {maxEjectionPercent: 25}}}]}}\n---\n' +
        '{kind: VirtualService, metadata: {name: mockb}, spec: {hosts: [mockb], http: [{route: [{destination: {host: mockb, subset: all}}]}]}}',
    );
    const start = (istio: LiveCluster['istio']) => {
      for (const cluster of mesh.clusters) cluster.istio = istio;
      mesh.edit('mockb-cn-hangzhou-k', (pod) => {
        pod.ready = false;
      });
      return mesh.finds(rule, drill());
    };
    expect(mesh.finds(rule, drill())).to.deep.equal([]);
    expect(start('1.31')).to.deep.equal([]);
    expect(start('1.30')).to.deep.equal([]);
    mesh.pods = mesh.pods.filter(({ ready }) => ready);
    expect(mesh.finds(rule, drill())).to.have.length(2);
  });

  it('names the field of the subset, where its policy holds', () => {
    const mesh = new Mesh().apply(
      '{kind: DestinationRule, metadata: {name: mockb}, spec: {host: mockb, subsets: [{name: other, labels: {a: b}}, {name: all, labels: {app: mockb}, trafficPolicy: {outlierDetection: {consecutive5xxErrors: 1}}}]}}',
      'tokyo',
    );
    mesh.apply(
      '{kind: VirtualService, metadata: {name: mockb}, spec: {hosts: [mockb], http: [{route: [{destination: {host: mockb, subset: all}}]}]}}',
      'tokyo',
    );
    expect(lint(mesh.system(drill()), [rule]).findings.map(({ field }) => field)).to.deep.equal([
      'spec.subsets[1].trafficPolicy.outlierDetection.maxEjectionPercent',
    ]);
  });

  it('is only a warning where an EnvoyFilter patches outlier detection', () => {
    const mesh = new Mesh()
      .apply(limited('{consecutive5xxErrors: 1}'), 'tokyo')
      .apply(
        '{kind: EnvoyFilter, metadata: {name: f}, spec: {configPatches: [{applyTo: CLUSTER, patch: {value: {outlier_detection: {always_eject_one_host: true}}}}]}}',
      );
    expect(mesh.finds(rule, drill())).to.deep.equal(['warning tokyo DestinationRule default/mockb']);
  });

  it('says nothing of an Istio whose Envoy always lets one host go', () => {
    const mesh = new Mesh().apply(limited('{consecutive5xxErrors: 1}'));
    const found = mesh.finds(rule, drill());
    for (const cluster of mesh.clusters) if (cluster.name === 'hangzhou') cluster.istio = '1.20';
    expect(mesh.finds(rule, drill())).to.deep.equal(found.filter((one) => one.includes('tokyo')));
    for (const cluster of mesh.clusters) cluster.istio = '1.20';
    expect(mesh.finds(rule, drill())).to.deep.equal([]);
  });
});
