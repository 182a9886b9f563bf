import { expect } from 'chai';
import { drill, Mesh } from './testing/mesh.ts';
import { OUTLIER } from './testing/outlier.ts';

const route = (http: string) =>
  `{kind: VirtualService, metadata: {name: mockb}, spec: {hosts: [mockb], http: [${http}]}}`;
const SUBSETS = `{kind: DestinationRule, metadata: {name: mockb}, spec: {host: mockb, trafficPolicy: {${OUTLIER}}, subsets: [{name: a, labels: {version: ap-northeast-1a}}, {name: b, labels: {version: ap-northeast-1b}}]}}`;
const to = (subset: string, more = '') => `{${more}route: [{destination: {host: mockb, subset: ${subset}}}]}`;

/** `tokyo> mockb/a known`: calls to mockb from one cluster. */
function callsOf(mesh: Mesh, scenario = true): string[] {
  const { calls } = mesh.system(scenario ? drill() : undefined);
  return calls
    .filter(({ service, caller }) => service === 'default/mockb' && caller.live.name === 'tokyo')
    .map(
      ({ subset = '', sureness, endpoints, caller }) =>
        `${caller.labels.app} ${subset} ${sureness} ${endpoints.length}`,
    );
}

describe('the calls that lint looks at', () => {
  const routed = (http: string) => callsOf(new Mesh().apply(SUBSETS).apply(route(http)));

  it('go from the pods of one service of the chain to the next, and to the whole Service without a route', () => {
    expect(callsOf(new Mesh())).to.deep.equal(['mocka  known 4']);
  });

  it('follow the routes up to the first that takes all', () => {
    expect(routed(`${to('a')}, ${to('b')}`)).to.deep.equal(['mocka a known 1']);
    expect(routed(`${to('a', 'match: [{headers: {x: {exact: y}}}], ')}, ${to('b')}`)).to.deep.equal([
      'mocka a configured 1',
      'mocka b known 1',
    ]);
    expect(routed(to('a', 'match: [{uri: {prefix: /}}], '))).to.deep.equal(['mocka a known 1']);
  });

  it('leave out routes of other callers and of gateways', () => {
    expect(routed(`${to('a', 'match: [{sourceLabels: {app: other}}], ')}, ${to('b')}`)).to.deep.equal([
      'mocka b known 1',
    ]);
    expect(routed(`${to('a', 'match: [{sourceLabels: {app: mocka}}], ')}, ${to('b')}`)).to.deep.equal([
      'mocka a known 1',
    ]);
    expect(routed(`${to('a', 'match: [{gateways: [mock]}], ')}, ${to('b')}`)).to.deep.equal(['mocka b known 1']);
    expect(routed(`${to('a', 'match: [{gateways: [mesh]}], ')}, ${to('b')}`)).to.deep.equal(['mocka a known 1']);
  });

  it('are rare by a weight below half, and none by a weight of 0', () => {
    const weights = (a: number, b: number) =>
      routed(
        `{route: [{destination: {host: mockb, subset: a}, weight: ${a}}, {destination: {host: mockb, subset: b}, weight: ${b}}]}`,
      );
    expect(weights(10, 90)).to.deep.equal(['mocka a configured 1', 'mocka b known 1']);
    expect(weights(50, 50)).to.deep.equal(['mocka a known 1', 'mocka b known 1']);
    expect(weights(0, 100)).to.deep.equal(['mocka b known 1']);
  });

  it('tell callers apart by the labels that some selector names', () => {
    const mesh = new Mesh().apply(
      `{kind: DestinationRule, metadata: {name: one}, spec: {host: mockb, workloadSelector: {matchLabels: {version: ap-northeast-1a}}, trafficPolicy: {${OUTLIER}}}}`,
    );
    expect(callsOf(mesh)).to.deep.equal(['mocka  known 4', 'mocka  known 4']);
  });

  it('are those of all sidecars without a scenario', () => {
    expect(callsOf(new Mesh(), false)).to.deep.equal(['mocka  configured 4']);
    const mesh = new Mesh().remove('DestinationRule', 'mockb');
    expect(callsOf(mesh, false)).to.deep.equal(['mocka  possible 4']);
    mesh.apply(
      '{kind: VirtualService, metadata: {name: x}, spec: {hosts: [mockb.default.svc.cluster.local], http: [{route: [{destination: {host: mockb}}]}]}}',
    );
    expect(callsOf(mesh, false)).to.deep.equal(['mocka  configured 4']);
  });

  it('are not told by a rule or a route that the mesh exports to its own namespace where it says nothing', () => {
    const HOST = 'mockb.default.svc.cluster.local';
    const rule = `{kind: DestinationRule, metadata: {name: far, namespace: istio-system}, spec: {host: ${HOST}}}`;
    const routes = `{kind: VirtualService, metadata: {name: far, namespace: istio-system}, spec: {hosts: [${HOST}], http: [{route: [{destination: {host: ${HOST}}}]}]}}`;
    for (const [far, setting, other] of [
      [rule, 'defaultDestinationRuleExportTo', 'defaultVirtualServiceExportTo'],
      [routes, 'defaultVirtualServiceExportTo', 'defaultDestinationRuleExportTo'],
    ] as const) {
      const told = (mesh: string) =>
        callsOf(
          new Mesh()
            .remove('DestinationRule', 'mockb')
            .apply(far)
            .apply(`{kind: ConfigMap, metadata: {name: istio, namespace: istio-system}, data: {mesh: "${mesh}"}}`),
          false,
        );
      expect(told(`${other}: ['.']`), setting).to.deep.equal(['mocka  configured 4']);
      expect(told(`${setting}: ['.']`), setting).to.deep.equal(['mocka  possible 4']);
    }
  });

  it('are those of all chains, where paths have their own', () => {
    const { load } = drill();
    const [path] = load.paths;
    if (path === undefined) throw new Error('no path');
    const other = { ...path, name: 'other', good: { ...load.good, chain: ['mocka', 'mockc'] } };
    const { calls } = new Mesh().system(drill({ load: { ...load, paths: [path, other] } }));
    const pairs = calls.filter(({ caller }) => caller.live.name === 'tokyo' && !caller.gateway);
    expect(pairs.map(({ caller, service }) => `${caller.pods[0]?.labels.app} ${service}`)).to.deep.equal([
      'mocka default/mockb',
      'mockb default/mockc',
      'mocka default/mockc',
    ]);
  });

  it('are only configured where two namespaces have a Service of that name', () => {
    const mesh = new Mesh().apply(
      '{kind: Service, metadata: {name: mockb, namespace: other}, spec: {ports: [{name: http, port: 8000}]}}',
    );
    expect(callsOf(mesh)).to.deep.equal(['mocka  configured 4']);
  });

  it('do not go to pods that are not ready', () => {
    const mesh = new Mesh().edit('mockb-ap-northeast-1b', (pod) => {
      pod.ready = false;
    });
    expect(callsOf(mesh)).to.deep.equal(['mocka  known 3']);
  });
});
