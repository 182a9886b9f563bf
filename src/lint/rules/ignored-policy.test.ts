import { expect } from 'chai';
import { drill, Mesh } from '../testing/mesh.ts';
import { ignoredPolicy } from './ignored-policy.ts';

const second = (spec: string) => `{kind: DestinationRule, metadata: {name: a-second}, spec: {host: mockb, ${spec}}}`;

describe('ignored-policy', () => {
  it('notes a later policy, and not later subsets', () => {
    const policy = new Mesh().apply(second('trafficPolicy: {connectionPool: {tcp: {connectTimeout: 3s}}}'), 'tokyo');
    expect(policy.finds(ignoredPolicy, drill())).to.deep.equal(['info tokyo DestinationRule default/a-second']);
    const subsets = new Mesh().apply(second('subsets: [{name: a}]'));
    expect(subsets.finds(ignoredPolicy, drill())).to.deep.equal([]);
  });
});
