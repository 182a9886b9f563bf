import { expect } from 'chai';
import { assignPriorities, type LocalityLb, lbPriority, type MeshEndpoint } from './locality.ts';
import { CLIENT_A, endpoint, FOUR_ZONES, HANGZHOU_H, HANGZHOU_K, TOKYO_A, TOKYO_B } from './testing/fixtures.ts';

const PLAIN: LocalityLb = { enabled: true, failover: [], failoverPriority: [], distribute: [] };

function priorities(
  setting: LocalityLb,
  options: { endpoints?: readonly MeshEndpoint[]; outlierDetection?: boolean; labels?: Record<string, string> } = {},
): Record<string, number> {
  const assignment = assignPriorities({
    client: { ...CLIENT_A, labels: options.labels ?? {} },
    endpoints: options.endpoints ?? FOUR_ZONES,
    setting,
    outlierDetection: options.outlierDetection ?? true,
  });
  return Object.fromEntries(assignment.endpoints.map((entry) => [entry.endpoint.address, entry.priority]));
}

describe('Istio priorities', () => {
  it('measure the distance of two localities', () => {
    expect(lbPriority(TOKYO_A, TOKYO_A)).to.equal(0);
    expect(lbPriority({ ...TOKYO_A, subzone: 'rack-1' }, TOKYO_A)).to.equal(1);
    expect(lbPriority(TOKYO_A, TOKYO_B)).to.equal(2);
    expect(lbPriority(TOKYO_A, HANGZHOU_H)).to.equal(3);
  });

  it('are same zone, same region, then both zones of the other region as one', () => {
    expect(priorities(PLAIN)).to.deep.equal({ 'a:8000': 0, 'b:8000': 1, 'h:8000': 2, 'k:8000': 2 });
  });

  it('are renumbered when the same-zone endpoint leaves EDS', () => {
    const endpoints = FOUR_ZONES.slice(1);
    expect(priorities(PLAIN, { endpoints })).to.deep.equal({ 'b:8000': 0, 'h:8000': 1, 'k:8000': 1 });
  });

  it('are all the same without outlier detection or with the setting disabled', () => {
    const flat = { 'a:8000': 0, 'b:8000': 0, 'h:8000': 0, 'k:8000': 0 };
    expect(priorities(PLAIN, { outlierDetection: false })).to.deep.equal(flat);
    expect(priorities({ ...PLAIN, enabled: false })).to.deep.equal(flat);
  });

  it('are kept without outlier detection where the Service asks to stay close', () => {
    const assignment = assignPriorities({
      client: { ...CLIENT_A, labels: {} },
      endpoints: FOUR_ZONES,
      setting: PLAIN,
      outlierDetection: false,
      staysClose: true,
    });
    expect(assignment.endpoints.map((entry) => entry.priority)).to.deep.equal([0, 1, 2, 2]);
  });

  it('are all the same for a proxy that does not know where it is', () => {
    const assignment = assignPriorities({
      client: { locality: { region: '', zone: '', subzone: '' }, labels: {} },
      endpoints: FOUR_ZONES,
      setting: PLAIN,
      outlierDetection: true,
    });
    expect(assignment.endpoints.map((entry) => entry.priority)).to.deep.equal([0, 0, 0, 0]);
  });

  it('put the region named by failover before other regions', () => {
    const elsewhere = endpoint('s:8000', { region: 'ap-southeast-1', zone: 'ap-southeast-1a', subzone: '' });
    const setting = { ...PLAIN, failover: [{ from: 'ap-northeast-1', to: 'ap-southeast-1' }] };
    expect(priorities(setting, { endpoints: [...FOUR_ZONES, elsewhere] })).to.deep.equal({
      'a:8000': 0,
      'b:8000': 1,
      's:8000': 2,
      'h:8000': 3,
      'k:8000': 3,
    });
  });

  it('follow failoverPriority by the first label that differs', () => {
    const labelled = (address: string, version: string, ring: string): MeshEndpoint => ({
      ...endpoint(address, TOKYO_A),
      labels: { version, ring },
    });
    const endpoints = [labelled('1', 'v1', 'x'), labelled('2', 'v1', 'y'), labelled('3', 'v2', 'x')];
    const setting = { ...PLAIN, failoverPriority: ['version', 'ring=y'] };
    expect(priorities(setting, { endpoints, labels: { version: 'v1', ring: 'x' } })).to.deep.equal({
      1: 1,
      2: 0,
      3: 2,
    });
  });

  it('give way to weights with distribute, which drops localities it does not list', () => {
    const setting = {
      ...PLAIN,
      distribute: [{ from: 'ap-northeast-1/*', to: { 'ap-northeast-1/ap-northeast-1a': 80, 'cn-hangzhou/*': 20 } }],
    };
    const assignment = assignPriorities({
      client: CLIENT_A,
      endpoints: FOUR_ZONES,
      setting,
      outlierDetection: true,
    });
    expect(assignment.endpoints.map((entry) => entry.endpoint.address)).to.deep.equal(['a:8000', 'h:8000', 'k:8000']);
    expect(Object.fromEntries(assignment.localityWeights ?? [])).to.deep.equal({
      'ap-northeast-1/ap-northeast-1a': 80,
      [`cn-hangzhou/${HANGZHOU_H.zone}`]: 10,
      [`cn-hangzhou/${HANGZHOU_K.zone}`]: 10,
    });
  });
});
