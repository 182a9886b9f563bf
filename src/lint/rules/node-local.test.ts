import { expect } from 'chai';
import { lint } from '../lint.ts';
import { drill, Mesh } from '../testing/mesh.ts';
import { nodeLocal } from './node-local.ts';

const service = (name: string, more: string) =>
  `{kind: Service, metadata: {name: ${name}}, spec: {selector: {app: ${name}}, ports: [{name: http, port: 8000}], ${more}}}`;
const LOCAL = 'internalTrafficPolicy: Local';
const both = (text: string) => ['hangzhou', 'tokyo'].map((cluster) => text.replace('*', cluster));

describe('node-local', () => {
  it('is an error for a known call, a warning for one that is configured, a note for one that may be made', () => {
    const mesh = new Mesh().apply(service('mockb', LOCAL));
    expect(mesh.finds(nodeLocal, drill())).to.deep.equal(both('error * Service default/mockb'));
    expect(mesh.finds(nodeLocal)).to.deep.equal(both('warning * Service default/mockb'));
    expect(mesh.remove('DestinationRule', 'mockb').finds(nodeLocal)).to.deep.equal(
      both('info * Service default/mockb'),
    );
  });

  it('is said of gateways, and of the cluster alone whose Service says so', () => {
    const mesh = new Mesh().apply(service('mocka', LOCAL), 'tokyo');
    const { findings } = lint(mesh.system(), [nodeLocal]);
    expect(findings.map(({ severity, field, what }) => `${severity} ${field} ${what}`)).to.deep.equal([
      'error spec.internalTrafficPolicy Calls of gateways in istio-system, sidecars of mocka, mockb, mockc in default to default/mocka stay on the node of the caller: no other zone or cluster takes over, and where that node has no endpoint every call fails.',
    ]);
  });

  it('is nothing with Cluster, and not of a Service that DNS chooses for', () => {
    for (const more of ['internalTrafficPolicy: Cluster', `${LOCAL}, clusterIP: None`]) {
      expect(new Mesh().apply(service('mockb', more)).finds(nodeLocal, drill()), more).to.deep.equal([]);
    }
  });
});
