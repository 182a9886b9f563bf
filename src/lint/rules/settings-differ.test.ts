import { expect } from 'chai';
import { drill, Mesh } from '../testing/mesh.ts';
import { settingsDiffer } from './settings-differ.ts';

describe('settings-differ', () => {
  it('warns where one cluster ejects otherwise than the other', () => {
    const other =
      '{kind: DestinationRule, metadata: {name: mockb}, spec: {host: mockb, trafficPolicy: {outlierDetection: {consecutive5xxErrors: 5, maxEjectionPercent: 100}}}}';
    const mesh = new Mesh().apply(other, 'hangzhou');
    expect(mesh.finds(settingsDiffer, drill())).to.deep.equal(['warning hangzhou DestinationRule default/mockb']);
    expect(new Mesh().apply(other).finds(settingsDiffer, drill())).to.deep.equal([]);
  });
});
