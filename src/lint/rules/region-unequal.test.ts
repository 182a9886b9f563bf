import { expect } from 'chai';
import { Mesh } from '../testing/mesh.ts';
import { regionUnequal } from './region-unequal.ts';

describe('region-unequal', () => {
  const first = (mesh: Mesh, change: object) => {
    const [tokyo, ...rest] = mesh.target.clusters;
    if (tokyo !== undefined) mesh.target = { ...mesh.target, clusters: [{ ...tokyo, ...change }, ...rest] };
    return mesh.finds(regionUnequal);
  };
  const address = { kind: 'url', protocol: 'http', host: 'a', port: 80 };

  it('warns of a region and of a gateway zone that no pod has', () => {
    expect(first(new Mesh(), { region: 'jp' })).to.deep.equal(['warning tokyo Targets pages']);
    expect(first(new Mesh(), { gateways: [{ zone: '1c', address }] })).to.deep.equal(['warning tokyo Targets pages']);
  });

  it('says nothing where they agree, or where the pods say nothing', () => {
    expect(new Mesh().finds(regionUnequal)).to.deep.equal([]);
    const mesh = new Mesh();
    mesh.pods = [];
    expect(first(mesh, { region: 'jp' })).to.deep.equal([]);
  });
});
