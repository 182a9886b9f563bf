import { expect } from 'chai';
import { TOPOLOGIES } from '../topologies/index.ts';
import { LAB_TOPOLOGIES, labTopology } from './topologies.ts';

describe('topologies of the lab', () => {
  it('are all but the one with an istiod for both clusters', () => {
    const names = TOPOLOGIES.map(({ name }) => name).filter((name) => name !== 'remote-control-plane');
    expect(LAB_TOPOLOGIES.map(({ name }) => name)).to.deep.equal(names);
    for (const name of names) expect(labTopology(name).name).to.equal(name);
  });

  it('say why one is none of them, and what there is in its place', () => {
    expect(() => labTopology('remote-control-plane'))
      .to.throw('the lab does not have remote-control-plane: its hangzhou has no istiod of its own')
      .with.property('hint')
      .that.contains('faultline sandbox up --topology remote-control-plane')
      .and.contains('two-networks');
    expect(() => labTopology('moon-base')).to.throw("no topology is called 'moon-base'");
  });
});
