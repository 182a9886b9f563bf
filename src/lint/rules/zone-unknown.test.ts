import { expect } from 'chai';
import { lint } from '../lint.ts';
import { drill, Mesh } from '../testing/mesh.ts';
import { zoneUnknown } from './zone-unknown.ts';

describe('zone-unknown', () => {
  it('is found in a caller and in an endpoint, once for each cluster', () => {
    const mesh = new Mesh().edit('gateway-ap-northeast-1a', (pod) => {
      pod.locality = { ...pod.locality, zone: '' };
    });
    mesh.edit('mockc-cn', (pod) => {
      pod.locality = { ...pod.locality, region: '' };
    });
    expect(mesh.finds(zoneUnknown, drill())).to.deep.equal([
      'error hangzhou Pod default/mockc-cn-hangzhou-h-0',
      'error tokyo Pod istio-system/gateway-ap-northeast-1a',
    ]);
  });

  it('names three of them, and how many more there are', () => {
    const mesh = new Mesh().edit('ap-northeast', (pod) => {
      pod.locality = { region: '', zone: '', subzone: '' };
    });
    const whats = lint(mesh.system(drill()), [zoneUnknown]).findings.map(({ what }) => what);
    expect(whats[0]).to.include(' and 5 more: ');
    expect(whats).to.have.length(1);
  });

  it('is not where all are known, and not of a pod that nobody calls', () => {
    expect(new Mesh().finds(zoneUnknown, drill())).to.deep.equal([]);
    const mesh = new Mesh().edit('mockc', (pod) => {
      pod.services = [];
      pod.locality = { region: '', zone: '', subzone: '' };
    });
    expect(mesh.finds(zoneUnknown, drill())).to.deep.equal([]);
  });
});
