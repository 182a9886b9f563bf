import { KINDS } from '../../model/kubernetes.ts';
import type { Cluster } from '../../model/ports.ts';
import { systemClock } from '../../run/system-clock.ts';
import type { LabNode } from '../topology.ts';
import { deploymentsReady } from '../up/readiness.ts';
import { CLUSTERS } from './clusters.ts';
import { curl, hopsOf, openLabCluster } from './running-lab.ts';

const NAMESPACE = 'default';
/**
 * Callers that have ejected a host do not come home before its ejection is over, unless they are started anew; and a program
 * that was killed often is started again later each time, unless its pod is a new one.
 */
const PATIENCE_US = 30_000_000;
const PAUSE_MS = 500;
const RESTARTED_AT = 'kubectl.kubernetes.io~1restartedAt';

/** Resolves when no Deployment waits for a pod and everybody is served at home; everything is started anew where that takes long. */
export async function steady(): Promise<void> {
  let since = systemClock.now();
  while (!(await isSteady())) {
    await systemClock.sleep(PAUSE_MS);
    if (systemClock.now() - since < PATIENCE_US) continue;
    await restartEverything();
    since = systemClock.now();
  }
}

async function isSteady(): Promise<boolean> {
  for (const { name, nodes } of CLUSTERS) {
    const cluster = openLabCluster(name);
    for (const namespace of [NAMESPACE, 'istio-system']) {
      if ((await deploymentsReady(cluster, namespace).catch(() => '')) !== true) return false;
    }
    if (!nodes.every(isHome)) return false;
  }
  return true;
}

const isHome = (node: LabNode): boolean => {
  try {
    return hopsOf(curl(node)).filter((hop) => hop.endsWith(node.zone)).length === 3;
  } catch {
    return false;
  }
};

async function restartEverything(): Promise<void> {
  for (const { name } of CLUSTERS) {
    const cluster = openLabCluster(name);
    for (const namespace of [NAMESPACE, 'istio-system']) await restartAll(cluster, namespace);
  }
}

async function restartAll(cluster: Cluster, namespace: string): Promise<void> {
  for (const { metadata, spec } of await cluster.list(KINDS.deployment, { namespace })) {
    const ref = { ...KINDS.deployment, namespace, name: metadata.name ?? '' };
    const { template } = spec as { template: { metadata?: { annotations?: object } } };
    const path = '/spec/template/metadata/annotations';
    const value = new Date(systemClock.wall()).toISOString();
    const isNew = template.metadata?.annotations === undefined;
    await cluster.patch(ref, [
      ...(isNew ? [{ op: 'add' as const, path, value: {} }] : []),
      { op: 'add', path: `${path}/${RESTARTED_AT}`, value },
    ]);
  }
}
