import { KINDS, type KubeObject } from '../../../model/kubernetes.ts';
import type { FakeCluster } from '../../testing/fake-cluster.ts';
import { readyPod } from '../../testing/fake-controllers.ts';
import { fakeSystem } from '../../testing/fake-system.ts';
import { planWith } from '../../testing/steps.ts';
import { podNetwork } from '../index.ts';

export const ZONE = 'ap-northeast-1a';
export type Fields = Parameters<typeof planWith>[2];

/** A pod of mockb in the zone, with these addresses. */
export function mockb(tail: string, ...ips: string[]): KubeObject {
  const pod = readyPod(`mockb-${ZONE}`, `node-${ZONE}`, tail, { containers: [{ name: 'app', image: 'i:1' }] });
  pod.status = { ...(pod.status as object), podIP: ips[0] ?? '', podIPs: ips.map((ip) => ({ ip })) } as never;
  return pod;
}

type Slice = { addressType?: string; addresses: string[]; ports?: { name?: string; port: number }[] };

export function addService(cluster: FakeCluster, name: string, spec: object, slices: Slice[]): void {
  cluster.add({ ...KINDS.service, metadata: { name, namespace: 'default' }, spec: spec as never });
  for (const [index, { addresses, ...slice }] of slices.entries()) {
    const labels = { 'kubernetes.io/service-name': name };
    const endpoints = addresses.map((address) => ({ addresses: [address], conditions: { ready: false } }));
    const metadata = { name: `${name}-${index}`, namespace: 'default', labels };
    cluster.add({ ...KINDS.endpointSlice, metadata, ...slice, endpoints } as never);
  }
}

export const planOf = (fields: Fields, cluster = fakeSystem()) => planWith(podNetwork, cluster, fields);
