import { expect } from 'chai';
import { KINDS, type KubeObject } from '../../model/kubernetes.ts';
import type { Json } from '../../model/scenario.ts';
import { isWanted } from './node-fit.ts';

const NODE: KubeObject = { ...KINDS.node, metadata: { name: 'node-a', labels: { zone: 'a', cores: '8' } } };

describe('the nodes that a pod asks for', () => {
  const wants = (spec: Record<string, Json>): boolean => isWanted({ ...KINDS.pod, metadata: {}, spec }, NODE);
  const bound = (...nodeSelectorTerms: Json[]): boolean =>
    wants({ affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms } } } });
  const expression = (key: string, operator: string, ...values: string[]): Json => ({
    matchExpressions: [{ key, operator, values }],
  });

  it('are all where it asks for none, and those with every label of its node selector', () => {
    expect(wants({})).to.equal(true);
    expect(wants({ nodeSelector: { zone: 'a', cores: '8' } })).to.equal(true);
    expect(wants({ nodeSelector: { zone: 'a', disk: 'ssd' } })).to.equal(false);
  });

  it('are those of any term of its affinity, each of whose expressions must hold', () => {
    expect(bound(expression('zone', 'In', 'b'), expression('zone', 'In', 'a'))).to.equal(true);
    expect(bound(expression('zone', 'NotIn', 'a'), expression('disk', 'Exists'))).to.equal(false);
    const both = [expression('zone', 'In', 'a'), expression('cores', 'Gt', '8')].flatMap(
      (term) => (term as { matchExpressions: Json[] }).matchExpressions,
    );
    expect(bound({ matchExpressions: both })).to.equal(false);
    expect(bound(expression('cores', 'Gt', '7'))).to.equal(true);
    expect(bound(expression('cores', 'Lt', '9'))).to.equal(true);
    expect(bound(expression('zone', 'Lt', '9'))).to.equal(false);
  });

  it('are told by name, too, and none by a term that says nothing', () => {
    const named = (name: string): Json => ({ matchFields: [{ key: 'metadata.name', operator: 'In', values: [name] }] });
    expect(bound(named('node-a'))).to.equal(true);
    expect(bound(named('node-b'))).to.equal(false);
    expect(bound({})).to.equal(false);
    expect(bound({}, named('node-a'))).to.equal(true);
  });

  it('must have the labels and be in a term', () => {
    const affinity = { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [{}] } } };
    expect(wants({ nodeSelector: { zone: 'a' }, affinity })).to.equal(false);
  });
});
