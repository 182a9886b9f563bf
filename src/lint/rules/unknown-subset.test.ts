import { expect } from 'chai';
import type { LintRule } from '../finding.ts';
import { lint } from '../lint.ts';
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

  it('says what part of the requests goes there, where it is not all of them, as does a subset of one zone', () => {
    const split = ROUTE.replace('subset: v2}}', 'subset: v2}, weight: 30}, {destination: {host: mockb}, weight: 70}');
    const said = (mesh: Mesh, rule: LintRule) => lint(mesh.system(drill()), [rule]).findings.map(({ what }) => what);
    expect(said(new Mesh().apply(ROUTE, 'tokyo'), unknownSubset)[0]).to.match(
      /^The route sends sidecars .*every call is/,
    );
    const [part] = said(new Mesh().apply(split, 'tokyo'), unknownSubset);
    expect(part).to.match(/^The route sends 30 % of the requests of .*: they are answered 503/);
    const named = new Mesh()
      .apply(split, 'tokyo')
      .apply(
        `{kind: DestinationRule, metadata: {name: mockb}, spec: {host: mockb, trafficPolicy: {${OUTLIER}}, subsets: [{name: v2, labels: {version: ap-northeast-1a}}]}}`,
      );
    expect(said(named, noNextLevel)[0]).to.contain('(30 % of the calls of');
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
