import { KINDS, RUN_LABEL } from '../../model/kubernetes.ts';
import { zoneNetworkPolicy } from '../zone-network-policy/index.ts';
import type { FakeCluster } from './fake-cluster.ts';
import { fakeContext, fakeSystem, RUN } from './fake-system.ts';
import { planWith } from './steps.ts';

/* For the specs of the zone network policy. */

export const NAME = `faultline-${RUN}-broken`;
export const LABEL = 'faultline.dev/blackhole';
export const POLICY = { ...KINDS.networkPolicy, namespace: 'default', name: NAME };

/** A blackhole that was injected. */
export async function on(fields: Parameters<typeof planWith>[2] = {}, cluster = fakeSystem()) {
  const plan = await planWith(zoneNetworkPolicy, cluster, fields);
  await zoneNetworkPolicy.inject(plan, fakeContext(cluster));
  return { cluster, plan };
}

/** Names of the pods that carry the run's label. */
export function labelled(cluster: FakeCluster): string[] {
  return cluster
    .all(KINDS.pod)
    .filter(({ metadata }) => metadata.labels?.[RUN_LABEL] === RUN)
    .map(({ metadata }) => metadata.name ?? '');
}
