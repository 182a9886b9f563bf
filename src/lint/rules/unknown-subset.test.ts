import { expect } from 'chai';
import { drill, Mesh } from '../testing/mesh.ts';
import { OUTLIER } from '../testing/outlier.ts';
import { noNextLevel } from './no-next-level.ts';
import { unknownSubset } from './unknown-subset.ts';

const ROUTE =
  '{kind: VirtualService, metadata: {name: mockb}, spec: {hosts: [mockb], http: [{route: [{destination: {host: mockb, subset: v2}}]}]}}';

describe('unknown-subset', () => {
  it('is found where no rule in force names the subset, and nothing else is said of it', () => {
    const mesh = new Mesh().apply(ROUTE, 'tokyo');
    expect(mesh.finds(unknownSubset, drill())).to.deep.equal(['error tokyo VirtualService default/mockb']);
    expect(mesh.finds(noNextLevel, drill())).to.deep.equal([]);
  });

  it('is not where it is named', () => {
    const mesh = new Mesh()
      .apply(ROUTE)
      .apply(
        `{kind: DestinationRule, metadata: {name: mockb}, spec: {host: mockb, trafficPolicy: {${OUTLIER}}, subsets: [{name: v2, labels: {app: mockb}}]}}`,
      );
    expect(mesh.finds(unknownSubset, drill())).to.deep.equal([]);
  });
});
