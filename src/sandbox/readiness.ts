import { FaultlineError } from '../model/errors.ts';
import { KINDS, type KubeObject } from '../model/kubernetes.ts';
import type { Clock } from '../model/ports.ts';
import { asMap, mapOf, numberOf } from './api/json.ts';
import type { SandboxCluster } from './cluster.ts';

const LIMIT_MS = 20_000;
const PAUSE_MS = 10;

/** Waits until all Deployments are up, all gateway zones accept, and every sidecar knows what it is told. */
export async function untilReady(clusters: readonly SandboxCluster[], clock: Clock): Promise<void> {
  const giveUpAt = clock.now() + LIMIT_MS * 1000;
  for (;;) {
    const missing = clusters.flatMap(missingIn);
    if (missing.length === 0 && clusters.every(({ controlPlane }) => controlPlane.isSettled)) return;
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
