import { expect } from 'chai';
import { lint } from '../lint.ts';
import { drill, Mesh } from '../testing/mesh.ts';
import { ambientWaypoint, ambientWithoutWaypoint } from './ambient.ts';
import { noProxy } from './no-proxy.ts';

/** The mockas of Tokyo in ambient mode. */
const ambient = (): Mesh =>
  new Mesh().edit('mocka-ap-northeast-1', (pod) => {
    Object.assign(pod, { proxied: false, ambient: true });
  });
const SERVICE = (labels: string, more = '') =>
  `{kind: Service, metadata: {name: mockb, labels: {${labels}}}, spec: {ports: [{name: http, port: 8000}]${more}}}`;
const namespace = (labels: string) =>
  `{kind: Namespace, metadata: {name: default, namespace: "", labels: {${labels}}}}`;

describe('lint of ambient mode', () => {
  it('accuses what callers reach without a waypoint, and does not call them callers without a proxy', () => {
    expect(ambient().finds(ambientWithoutWaypoint, drill())).to.deep.equal(['error tokyo Service default/mockb']);
    expect(ambient().finds(noProxy, drill())).to.deep.equal([]);
    expect(new Mesh().finds(ambientWithoutWaypoint, drill())).to.deep.equal([]);
  });

  it('says in which order ready pods are left', () => {
    const said = (mesh: Mesh) => lint(mesh.system(drill()), [ambientWithoutWaypoint]).findings.map(({ what }) => what);
    expect(said(ambient())).to.deep.equal([
      'default/mocka in ambient mode calls default/mockb without a waypoint: nobody is ejected, and ready pods of all zones and regions are called alike.',
    ]);
    const [close] = said(ambient().apply(SERVICE('', ', trafficDistribution: PreferClose')));
    expect(close).to.contain('in the order of trafficDistribution: PreferClose');
  });

  it('takes the waypoint of the Service, else of its namespace, and none by name for none', () => {
    const cases: readonly (readonly [string, string])[] = [
      [SERVICE('istio.io/use-waypoint: way'), ''],
      [SERVICE(''), 'istio.io/use-waypoint: way'],
    ];
    for (const [service, labels] of cases) {
      const mesh = ambient().apply(service).apply(namespace(labels));
      expect(mesh.finds(ambientWithoutWaypoint, drill())).to.deep.equal([]);
      expect(mesh.finds(ambientWaypoint, drill())).to.deep.equal(['info tokyo Service default/mockb']);
    }
    const none = ambient().apply(SERVICE('istio.io/use-waypoint: none')).apply(namespace('istio.io/use-waypoint: way'));
    expect(none.finds(ambientWithoutWaypoint, drill())).to.deep.equal(['error tokyo Service default/mockb']);
    expect(none.finds(ambientWaypoint, drill())).to.deep.equal([]);
  });

  it('says less where nobody knows who calls whom, and nothing where namespaces could not be read', () => {
    expect(ambient().finds(ambientWithoutWaypoint)).to.deep.equal(['warning tokyo Namespace default']);
    const mesh = ambient();
    mesh.unread.push({ what: 'namespaces', cluster: 'tokyo', reason: 'forbidden' });
    expect(mesh.finds(ambientWithoutWaypoint, drill())).to.deep.equal([]);
  });
});
