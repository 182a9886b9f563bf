import { expect } from 'chai';
import { drill, Mesh } from '../testing/mesh.ts';
import { OUTLIER } from '../testing/outlier.ts';
import { noNextLevel } from './no-next-level.ts';

const subset = (version: string) =>
  `{kind: DestinationRule, metadata: {name: mockb}, spec: {host: mockb, trafficPolicy: {${OUTLIER}}, subsets: [{name: now, labels: ${version}}]}}`;
const route = (http: string) =>
  `{kind: VirtualService, metadata: {name: mockb}, spec: {hosts: [mockb], http: [${http}]}}`;
const NOW = '{route: [{destination: {host: mockb, subset: now}}]}';

describe('no-next-level', () => {
  const finds = (labels: string, http: string) =>
    new Mesh().apply(subset(labels)).apply(route(http), 'tokyo').finds(noNextLevel, drill());

  it('is found where a subset, or a Service, is in one zone only', () => {
    expect(finds('{version: ap-northeast-1a}', NOW)).to.deep.equal(['error tokyo VirtualService default/mockb']);
    const mesh = new Mesh();
    mesh.pods = mesh.pods.filter(({ name }) => !name.startsWith('mockb') || name.includes('1a'));
    expect(mesh.finds(noNextLevel, drill())).to.deep.equal([
      'error hangzhou Service default/mockb',
      'error tokyo Service default/mockb',
    ]);
  });

  it('is found where nobody is ready', () => {
    const mesh = new Mesh().edit('mockb', (pod) => {
      pod.ready = false;
    });
    expect(mesh.finds(noNextLevel, drill())).to.have.length(2);
  });

  it('is a warning for a route that few requests take', () => {
    const rare = `{match: [{headers: {x: {exact: y}}}], route: [{destination: {host: mockb, subset: now}}]}, {route: [{destination: {host: mockb}}]}`;
    expect(finds('{version: ap-northeast-1a}', rare)).to.deep.equal(['warning tokyo VirtualService default/mockb']);
  });

  it('is not where two zones have it, for a route of weight 0, or behind one that takes all', () => {
    expect(new Mesh().finds(noNextLevel, drill())).to.deep.equal([]);
    expect(finds('{app: mockb}', NOW)).to.deep.equal([]);
    const weights =
      '{route: [{destination: {host: mockb, subset: now}, weight: 0}, {destination: {host: mockb}, weight: 100}]}';
    expect(finds('{version: ap-northeast-1a}', weights)).to.deep.equal([]);
    expect(finds('{version: ap-northeast-1a}', `{route: [{destination: {host: mockb}}]}, ${NOW}`)).to.deep.equal([]);
  });
});
