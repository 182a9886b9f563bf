import { expect } from 'chai';
import type { KubeObject } from '../model/kubernetes.ts';
import { callersIn } from './callers.ts';
import { pod } from './testing/observed-cluster.ts';

const place = (pods: readonly KubeObject[] | undefined, gateway = false) => ({ what: 'Pods', pods, gateway });
const names = (...places: Parameters<typeof callersIn>[0]) =>
  callersIn(places, () => 'a').known.map((caller) => caller.pod);

/** A pod with these conditions. */
function withConditions(...conditions: readonly { type: string; status: string }[]): KubeObject {
  return { ...pod('m-1'), status: { conditions: [...conditions] } };
}

describe('the callers of some places', () => {
  it('are its ready pods with a proxy, those of gateways first', () => {
    const sidecars = [pod('m-1'), pod('m-2', { sidecar: 'none' }), pod('m-3', { ready: false })];
    const gateways = [pod('igw', { sidecar: 'none' }), pod('out', { leaving: true })];
    expect(names(place(sidecars), place(gateways, true), place([pod('n-1')]))).to.deep.equal(['igw', 'm-1', 'n-1']);
  });

  it('are one where two places name the same pod', () => {
    expect(names(place([pod('igw')]), place([pod('igw')], true))).to.deep.equal(['igw']);
    expect(names(place([pod('m-1')]), place([pod('m-1', { uid: 'another' })]))).to.deep.equal(['m-1', 'm-1']);
  });

  it('are known by their namespace and name where they have no UID', () => {
    const { uid: _uid, ...metadata } = pod('m-1', { namespace: 'shop' }).metadata;
    const [caller] = callersIn([place([{ ...pod('m-1'), metadata }])], () => 'b').known;
    expect(caller).to.deep.equal({ id: 'shop/m-1', namespace: 'shop', pod: 'm-1', zone: 'b' });
  });

  it('are ready by the condition of that name, whatever the others say', () => {
    const ready = { type: 'Ready', status: 'True' };
    const others = [
      { type: 'Initialized', status: 'True' },
      { type: 'ContainersReady', status: 'False' },
    ];
    expect(names(place([withConditions(...others, ready)]))).to.deep.equal(['m-1']);
    expect(names(place([withConditions(...others, { type: 'Ready', status: 'False' })]))).to.deep.equal([]);
    expect(names(place([withConditions()]))).to.deep.equal([]);
    expect(names(place([{ ...pod('m-1'), status: {} }]))).to.deep.equal([]);
  });

  it('are not all known in ambient mode, where ztunnel calls and waypoints choose', () => {
    const ambient = pod('a', { sidecar: 'none' });
    ambient.metadata.annotations = { 'ambient.istio.io/redirection': 'enabled' };
    const waypoint = pod('w');
    waypoint.metadata.labels = { 'gateway.istio.io/managed': 'istio.io-mesh-controller' };
    const { known, unknown } = callersIn([place([pod('m'), ambient, waypoint])], () => '');
    expect(known.map((caller) => caller.pod)).to.deep.equal(['m']);
    expect(unknown).to.deep.equal([
      'Pods: in ambient mode ztunnel calls for them, and tells no host',
      'Pods: what waypoints call is not read',
    ]);
  });

  it('are not all known where pods cannot be listed, or a gateway has none that is ready', () => {
    const { known, unknown } = callersIn(
      [
        place(undefined),
        place([]),
        { what: 'gateway: Pods in edge', pods: [pod('g', { ready: false })], gateway: true },
      ],
      () => '',
    );
    expect(known).to.deep.equal([]);
    expect(unknown).to.deep.equal(['gateway: Pods in edge: none is ready', 'Pods: they cannot be listed']);
  });
});
