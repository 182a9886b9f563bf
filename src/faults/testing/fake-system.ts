import type { FaultContext } from '../../model/fault.ts';
import { KINDS, ZONE_LABEL } from '../../model/kubernetes.ts';
import type { Clock, Cluster } from '../../model/ports.ts';
import { FakeCluster } from './fake-cluster.ts';
import { readyPod } from './fake-controllers.ts';
import { FAKE_GATEWAYS } from './fake-gateways.ts';
import { appliedBy } from './fake-managed-fields.ts';

/** Two zones, one mockb Deployment with one pod in each, and a mocka Deployment in the first. */
export function fakeSystem(): FakeCluster {
  const cluster = new FakeCluster();
  const zones = ['ap-northeast-1a', 'ap-northeast-1b'];
  for (const zone of zones) {
    const node = {
      ...KINDS.node,
      metadata: { name: `node-${zone}`, labels: { [ZONE_LABEL]: zone } },
      spec: { providerID: zone },
    };
    cluster.add(appliedBy('cloud', node));
  }
  for (const [app, zone] of [...zones.map((one) => ['mockb', one] as const), ['mocka', zones[0] ?? ''] as const]) {
    const name = `${app}-${zone}`;
    const podSpec = { containers: [{ name: 'default', image: 'asm-mock:v0.1' }] };
    const workload = {
      ...KINDS.deployment,
      metadata: { name, namespace: 'default', labels: { app }, generation: 1 },
      spec: { replicas: 1, selector: { matchLabels: { app } }, template: { spec: podSpec } },
      status: { observedGeneration: 1, replicas: 1, updatedReplicas: 1, availableReplicas: 1 },
    };
    cluster.add(appliedBy('team', workload));
    // Its address follows from how long its name is.
    cluster.add(readyPod(name, `node-${zone}`, 'x'.repeat(zone.length + zones.indexOf(zone)), podSpec));
  }
  return cluster;
}

/** A clock that only moves when somebody sleeps. */
function steppedClock(): Clock {
  let now = 0;
  return {
    now: () => now,
    wall: () => new Date(now / 1000),
    sleep: async (ms, signal) => {
      // Who does not wait for it must not find it moved.
      await undefined;
      if (signal?.aborted !== true) now += ms * 1000;
    },
  };
}

export const RUN = '20261122t090000z-test';

/** A context for one fault on a cluster. */
export function fakeContext(cluster: Cluster, signal: AbortSignal = new AbortController().signal): FaultContext {
  const clock = steppedClock();
  const context = {
    runId: RUN,
    cluster,
    clock,
    now: () => clock.now(),
    signal,
    onAffected: () => {},
    gateways: FAKE_GATEWAYS,
  };
  return cluster instanceof FakeCluster ? { ...context, outside: cluster.outside } : context;
}
