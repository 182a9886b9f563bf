import { expect } from 'chai';
import { objectText } from '../finding.ts';
import { lint } from '../lint.ts';
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

  it('notes an older policy with another exportTo, and one for all that has joined one that selects', () => {
    const policy = 'trafficPolicy: {connectionPool: {tcp: {connectTimeout: 3s}}}';
    const find = (mesh: Mesh) =>
      lint(mesh.system(drill()), [ignoredPolicy]).findings.map(
        ({ object, field, what }) => `${objectText(object)} ${field}: ${what}`,
      );
    expect(find(new Mesh().apply(second(`exportTo: ["."], ${policy}`), 'tokyo'))).to.deep.equal([
      'tokyo DestinationRule default/mockb spec.exportTo: It is not in force for default/mockb in default: default/a-second has another exportTo, and is younger.',
    ]);
    const selecting = second(`workloadSelector: {matchLabels: {app: mocka}}, ${policy}`);
    expect(find(new Mesh().apply(selecting))).to.deep.equal([]);
    const all = `{kind: DestinationRule, metadata: {name: mockb}, spec: {host: mockb, exportTo: ["."], ${policy}}}`;
    expect(find(new Mesh().apply(all, 'tokyo').apply(selecting, 'tokyo'))).to.deep.equal([
      'tokyo DestinationRule default/mockb spec.trafficPolicy: Its trafficPolicy is not in force for default/mockb: default/a-second selects workloads, and has the same exportTo.',
    ]);
  });
});
