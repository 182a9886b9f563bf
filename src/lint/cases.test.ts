import { expect } from 'chai';
import { FAULTY } from './testing/faulty-cases.ts';
import { HEALTHY } from './testing/healthy-cases.ts';
import { drill, Mesh, promising } from './testing/mesh.ts';
import { OUTLIER } from './testing/outlier.ts';

describe('configurations of the field, under lint', () => {
  for (const { name, edit, says } of [...HEALTHY, ...FAULTY]) {
    it(`${says.length === 0 ? 'are let be' : 'are found'}: ${name}`, () => {
      const mesh = new Mesh();
      edit(mesh);
      expect(mesh.accusations(drill())).to.deep.equal(says);
    });
  }

  it('that are healthy are let be without a scenario, too', () => {
    const accused = HEALTHY.flatMap(({ name, edit }) => {
      const mesh = new Mesh();
      edit(mesh);
      return mesh.accusations().map((text) => `${name}: ${text}`);
    });
    expect(accused).to.deep.equal([]);
  });

  it('that labels order otherwise than a scenario expects are found (42)', () => {
    const mesh = new Mesh();
    mesh.apply(
      `{kind: DestinationRule, metadata: {name: mockb}, spec: {host: mockb, trafficPolicy: {${OUTLIER}, loadBalancer: {localityLbSetting: {failoverPriority: [shop/tier]}}}}}`,
    );
    mesh.edit('hangzhou', (pod) => {
      pod.labels = { ...pod.labels, 'shop/tier': 'gold' };
    });
    mesh.edit('mocka', (pod) => {
      pod.labels = { ...pod.labels, 'shop/tier': 'gold' };
    });
    expect(mesh.accusations(drill())).to.deep.equal([]);
    const order = [
      { place: { zone: 'ap-northeast-1b' }, shareAtLeast: 0.95 },
      { place: { region: 'cn-hangzhou' }, shareAtLeast: 0.95 },
    ];
    const scenario = promising({ failoverOrder: [{ service: 'mockb', from: { zone: 'ap-northeast-1a' }, order }] });
    expect(mesh.accusations(scenario)).to.deep.equal(['error order-not-kept']);
    expect(new Mesh().accusations(scenario)).to.deep.equal([]);
  });
});
