import { expect } from 'chai';
import { lint } from '../lint.ts';
import { drill, Mesh } from '../testing/mesh.ts';
import { invalidPolicy } from './invalid-policy.ts';

function fieldsOf(policy: string, host = 'mockb'): string[] {
  const mesh = new Mesh().apply(
    `{kind: DestinationRule, metadata: {name: ${host}}, spec: {host: ${host}, ${policy}}}`,
    'tokyo',
  );
  return lint(mesh.system(drill()), [invalidPolicy]).findings.map(
    ({ severity, field }) => `${severity} ${field.split('.').at(-1)}`,
  );
}

const outlier = (block: string) => fieldsOf(`trafficPolicy: {outlierDetection: {${block}}}`);
const locality = (block: string) => fieldsOf(`trafficPolicy: {loadBalancer: {localityLbSetting: {${block}}}}`);

describe('invalid-policy', () => {
  it('lets be what the API has', () => {
    expect(new Mesh().finds(invalidPolicy, drill())).to.deep.equal([]);
    const all =
      'splitExternalLocalOriginErrors: true, consecutiveLocalOriginFailures: 1, consecutiveGatewayErrors: 1, consecutive5xxErrors: 1';
    expect(outlier(all)).to.deep.equal([]);
    expect(outlier('minHealthPercent: 101')).to.deep.equal(['error minHealthPercent']);
    expect(
      outlier('interval: 1m30s, baseEjectionTime: 0.5h, minHealthPercent: 0, maxEjectionPercent: 100'),
    ).to.deep.equal([]);
    expect(locality('failover: [{from: a, to: b}], enabled: true')).to.deep.equal([]);
    expect(locality('distribute: [{from: "*", to: {"a/*": 60, "b/*": 40}}]')).to.deep.equal([]);
  });

  it('finds names that are none, and says what was meant', () => {
    expect(outlier('consecutiveErrors: 1')).to.deep.equal(['warning consecutiveErrors']);
    expect(outlier('consecutive5xxError: 1')).to.deep.equal(['warning consecutive5xxError']);
    expect(locality('failOver: []')).to.deep.equal(['warning failOver']);
  });

  it('finds what the webhook refuses', () => {
    expect(outlier('interval: 1 minute')).to.deep.equal(['error interval']);
    expect(outlier('baseEjectionTime: -5s')).to.deep.equal(['error baseEjectionTime']);
    expect(outlier('maxEjectionPercent: 250')).to.deep.equal(['error maxEjectionPercent']);
    expect(outlier('consecutiveLocalOriginFailures: 1')).to.deep.equal(['error consecutiveLocalOriginFailures']);
    expect(locality('distribute: [{from: "*", to: {"a/*": 60}}]')).to.deep.equal(['error distribute']);
    expect(locality('distribute: [{from: a, to: {a: 100}}], failover: [{from: a, to: b}]')).to.deep.equal([
      'error distribute',
    ]);
    expect(locality('failover: [{from: a, to: a}]')).to.deep.equal(['error failover']);
  });

  it('looks into subsets and ports, and not at hosts that the scenario does not speak of', () => {
    const bad = 'outlierDetection: {consecutiveErrors: 1}';
    expect(fieldsOf(`subsets: [{name: a, trafficPolicy: {${bad}}}]`)).to.have.length(1);
    expect(fieldsOf(`trafficPolicy: {portLevelSettings: [{port: {number: 1}, ${bad}}]}`)).to.have.length(1);
    expect(fieldsOf(`trafficPolicy: {${bad}}`, 'other')).to.deep.equal([]);
  });
});
