import { expect } from 'chai';
import { drill, Mesh } from '../testing/mesh.ts';
import { noDefaultRoute } from './no-default-route.ts';

const routes = (http: string) =>
  `{kind: VirtualService, metadata: {name: mockb}, spec: {hosts: [mockb], http: [${http}]}}`;
const API = '{match: [{uri: {prefix: /api}}], route: [{destination: {host: mockb}}]}';

describe('no-default-route', () => {
  const finds = (http: string) => new Mesh().apply(routes(http), 'tokyo').finds(noDefaultRoute, drill());

  it('warns of routes that leave requests over, a note without a scenario', () => {
    expect(finds(API)).to.deep.equal(['warning tokyo VirtualService default/mockb']);
    expect(new Mesh().apply(routes(API), 'tokyo').finds(noDefaultRoute)).to.deep.equal([
      'info tokyo VirtualService default/mockb',
    ]);
  });

  it('says nothing where a route takes all that these callers send', () => {
    expect(finds(`${API}, {route: [{destination: {host: mockb}}]}`)).to.deep.equal([]);
    expect(finds(API.replace('/api', '/'))).to.deep.equal([]);
    expect(
      finds(`${API}, {match: [{sourceLabels: {app: mocka}}], route: [{destination: {host: mockb}}]}`),
    ).to.deep.equal([]);
    expect(new Mesh().finds(noDefaultRoute, drill())).to.deep.equal([]);
  });
});
