import { expect } from 'chai';
import { localityLabel, podLocality } from './pod-locality.ts';

const NODE = {
  'topology.kubernetes.io/region': 'r1',
  'topology.kubernetes.io/zone': 'z1',
  'topology.istio.io/subzone': 's1',
};

describe('the locality of a pod', () => {
  it('is that of its node where it says nothing itself', () => {
    expect(podLocality({}, NODE)).to.deep.equal({ region: 'r1', zone: 'z1', subzone: 's1' });
    expect(podLocality({ 'istio-locality': '' }, NODE).zone).to.equal('z1');
    expect(podLocality(undefined, undefined)).to.deep.equal({ region: '', zone: '', subzone: '' });
  });

  it('is what its own label says, whole', () => {
    expect(podLocality({ 'istio-locality': 'r2.z2' }, NODE)).to.deep.equal({ region: 'r2', zone: 'z2', subzone: '' });
    const both = { 'istio-locality': 'r2.z2', 'topology.istio.io/locality': 'r3.z3.s3' };
    expect(podLocality(both, NODE)).to.deep.equal({ region: 'r3', zone: 'z3', subzone: 's3' });
    expect(localityLabel(both)).to.equal('r3.z3.s3');
  });
});
