import { workloadOf } from '../faults/workload.ts';
import type { KubeObject } from '../model/kubernetes.ts';
import { observeEjections } from './observe-ejections.ts';
import { observeEndpoints } from './observe-endpoints.ts';
import type { PlannedRun } from './plan.ts';
import type { RunPorts } from './wiring.ts';

/** Watches endpoints and ejections of every cluster until the signal. Resolves when all have stopped. */
export async function startObservers(run: PlannedRun, ports: RunPorts, signal: AbortSignal): Promise<void> {
  const { history, clock, readStats } = ports;
  const watching = [...run.clusters.values()].map(({ cluster }) => {
    const byOwner = (pod: KubeObject) => workloadOf(pod);
    const endpoints = observeEndpoints(cluster, run.target.namespaces, byOwner, history, signal);
    return observeEjections({ cluster, readStats, history, clock }, endpoints.current, signal);
  });
  await Promise.all(watching);
}
