import { expect } from 'chai';
import { drill, Mesh } from '../testing/mesh.ts';
import { OUTLIER } from '../testing/outlier.ts';
import { localityOff } from './locality-off.ts';

const OFF = '{kind: ConfigMap, metadata: {name: istio}, data: {mesh: "localityLbSetting: {enabled: false}"}}';
const own = (setting: string) =>
  `{kind: DestinationRule, metadata: {name: mockb}, spec: {host: mockb, trafficPolicy: {${OUTLIER}, loadBalancer: {localityLbSetting: ${setting}}}}}`;

describe('locality-off', () => {
  it('is found in MeshConfig, once for each cluster', () => {
    expect(new Mesh().apply(OFF, 'tokyo').finds(localityOff, drill())).to.deep.equal([
      'error tokyo ConfigMap istio-system/istio',
    ]);
    expect(new Mesh().finds(localityOff, drill())).to.deep.equal([]);
  });

  it('is found in the rule, which comes before MeshConfig', () => {
    expect(new Mesh().apply(own('{enabled: false}'), 'tokyo').finds(localityOff, drill())).to.deep.equal([
      'error tokyo DestinationRule default/mockb',
    ]);
    const mesh = new Mesh().apply(OFF, 'tokyo');
    for (const service of ['mocka', 'mockb', 'mockc']) mesh.apply(own('{enabled: true}').replaceAll('mockb', service));
    expect(mesh.finds(localityOff, drill())).to.deep.equal([]);
  });
});
