import { expect } from 'chai';
import { LAB_VERSIONS } from '../versions.ts';
import { otherThan } from './other-lab.ts';

describe('a lab that runs', () => {
  const asked = { topology: 'multi-region', versions: LAB_VERSIONS };

  it('is the one that is asked for when topology and versions are', () => {
    expect(otherThan({ topology: 'multi-region', versions: { ...LAB_VERSIONS } }, asked)).to.equal(undefined);
  });

  it('is another one by its topology, of which both names are said, and by its versions', () => {
    expect(otherThan({ ...asked, topology: 'spread' }, asked)).to.equal('its topology is spread, not multi-region');
    const versions = { ...LAB_VERSIONS, envoy: '1.0.0' };
    expect(otherThan({ topology: 'spread', versions }, asked)).to.equal(
      'its topology is spread, not multi-region; it is made of envoy 1.0.0',
    );
  });
});
