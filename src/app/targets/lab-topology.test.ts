import { expect } from 'chai';
import { DEFAULT_TOPOLOGY, topologyNamed } from '../../topologies/index.ts';
import { checkLabTopology, labUpCommand } from './lab-topology.ts';

describe('a scenario for a lab', () => {
  const spread = topologyNamed('spread');

  it('is for the topology that the lab has, or refused with what starts the right one', () => {
    checkLabTopology({ ...spread }, spread);
    expect(() => checkLabTopology(spread, DEFAULT_TOPOLOGY))
      .to.throw('the scenario is for the topology spread; the lab that is up has multi-region')
      .with.property('hint', 'faultline lab down, then faultline lab up --topology spread');
    expect(() => checkLabTopology(DEFAULT_TOPOLOGY, spread))
      .to.throw('for the topology multi-region; the lab that is up has spread')
      .with.property('hint', 'faultline lab down, then faultline lab up');
  });

  it('needs a command that names its topology unless it is the usual one', () => {
    expect(labUpCommand(DEFAULT_TOPOLOGY)).to.equal('faultline lab up');
    expect(labUpCommand(spread)).to.equal('faultline lab up --topology spread');
  });
});
