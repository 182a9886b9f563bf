import { expect } from 'chai';
import { drill, Mesh } from '../testing/mesh.ts';
import { statsMatcher } from './stats-matcher.ts';

const deployment = (annotations: string) =>
  `{kind: Deployment, metadata: {name: mocka-ap-northeast-1a}, spec: {template: {metadata: {annotations: {${annotations}}}}}}`;

describe('stats-matcher', () => {
  const finds = (annotations: string) =>
    new Mesh().apply(deployment(annotations), 'tokyo').finds(statsMatcher, drill());

  it('notes Deployments of callers whose proxies keep no outlier statistics', () => {
    const found = ['info tokyo Deployment default/mocka-ap-northeast-1a'];
    expect(finds('')).to.deep.equal(found);
    expect(finds('proxy.istio.io/config: "proxyStatsMatcher: {inclusionRegexps: [upstream_cx]}"')).to.deep.equal(found);
    expect(finds('proxy.istio.io/config: "["')).to.deep.equal(found);
  });

  it('says nothing where an annotation of either kind, or MeshConfig, includes them', () => {
    expect(new Mesh().finds(statsMatcher, drill())).to.deep.equal([]);
    expect(finds('sidecar.istio.io/statsInclusionPrefixes: "cluster.outbound"')).to.deep.equal([]);
    expect(finds('sidecar.istio.io/statsInclusionSuffixes: "ejections_active"')).to.deep.equal([]);
    const mesh = new Mesh().apply(deployment(''), 'tokyo');
    mesh.apply(
      '{kind: ConfigMap, metadata: {name: istio}, data: {mesh: "defaultConfig: {proxyStatsMatcher: {inclusionRegexps: [.*outlier_detection.*]}}"}}',
    );
    expect(mesh.finds(statsMatcher, drill())).to.deep.equal([]);
  });
});
