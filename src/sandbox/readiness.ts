import { endpointsByNetwork } from '../mesh/networks.ts';
import { clusterName } from '../mesh/stats-text.ts';
import { FaultlineError } from '../model/errors.ts';
import { KINDS, type KubeObject, NETWORK_LABEL } from '../model/kubernetes.ts';
import type { Clock } from '../model/ports.ts';
import { asMap, mapOf, numberOf } from './api/json.ts';
import type { SandboxCluster } from './cluster.ts';
import { networkGateways } from './mesh/networks.ts';
import type { PodRegistry } from './mesh/pod-registry.ts';
import { discoverServices } from './mesh/service-registry.ts';

const LIMIT_MS = 20_000;
const PAUSE_MS = 10;

/** Waits until all Deployments are up, all gateway zones accept, and every sidecar knows all endpoints. */
export async function untilReady(clusters: readonly SandboxCluster[], pods: PodRegistry, clock: Clock): Promise<void> {
  const giveUpAt = clock.now() + LIMIT_MS * 1000;
  for (;;) {
    const missing = clusters.flatMap(missingIn);
    if (missing.length === 0 && converged(clusters, pods)) return;
    if (clock.now() > giveUpAt) {
      const what = missing.length === 0 ? 'the sidecars do not see all endpoints' : missing.join(', ');
      throw new FaultlineError('INTERNAL', `the sandbox did not become ready within ${LIMIT_MS / 1000} s: ${what}`);
    }
    await clock.sleep(PAUSE_MS);
  }
}

function missingIn({ layout, store, gateways, eastWest }: SandboxCluster): string[] {
  const deployments = store.list(KINDS.deployment).filter((deployment) => !isUp(deployment));
  const zones = gateways.zones.filter(({ address }) => address() === undefined);
  return [
    ...deployments.map(({ metadata }) => `Deployment ${layout.name}/${metadata.namespace}/${metadata.name}`),
    ...zones.map(({ zone }) => `gateway ${layout.name}/${zone}`),
    ...eastWest.missing().map((what) => `${layout.name}: ${what}`),
  ];
}

function isUp(deployment: KubeObject): boolean {
  const wanted = numberOf(mapOf(asMap(deployment).spec).replicas, 1);
  return numberOf(mapOf(asMap(deployment).status).readyReplicas) >= wanted;
}

/** Whether what every sidecar was told is what there is. */
function converged(clusters: readonly SandboxCluster[], pods: PodRegistry): boolean {
  const stores = new Map(clusters.map(({ layout, store }) => [layout.name, store]));
  return clusters.every(({ layout, store }) => {
    const expected = discoverServices(store, stores);
    const eastWest = networkGateways(stores);
    const own = pods.all().filter((pod) => pod.options.cluster === layout.name);
    return own.every((pod) => {
      const known = new Map(pod.sidecar.clusters().map((cluster) => [cluster.name, cluster.hosts.length]));
      const { client, wanted } = pod.sidecar.options;
      const view = { network: client.labels[NETWORK_LABEL] ?? '', gateways: eastWest, wanted };
      return expected.every(
        ({ host, port, endpoints }) =>
          known.get(clusterName(port, host)) === endpointsByNetwork(endpoints, view).length,
      );
    });
  });
}
