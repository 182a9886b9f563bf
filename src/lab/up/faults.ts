import { openCluster } from '../../kube/kubeconfig.ts';
import { FaultlineError } from '../../model/errors.ts';
import { KINDS } from '../../model/kubernetes.ts';
import type { Clock, Cluster } from '../../model/ports.ts';
import type { LabFault } from '../fault-kinds.ts';
import { CLUSTERS, type LabCluster, machinesOf } from '../topology.ts';
import { accessOf } from './access.ts';
import { FABRIC } from './network.ts';
import { processFigures } from './proc.ts';
import { type Command, run } from './run.ts';
import { readState, recordedProcesses } from './state.ts';

type Where = { readonly folder: string; readonly clock: Clock };

/**
 * Injects a fault: `cut-link` takes the cable of a zone's node, or of a cluster's control plane, out of the fabric;
 * `freeze-api-server` stops the process, whose connections stay and hang; `stop-istiod` leaves a cluster without one.
 * Rejects with LAB for a name that the lab does not have.
 */
export async function injectLabFault(fault: LabFault, name: string, where: Where): Promise<void> {
  switch (fault) {
    case 'cut-link': {
      const machines = machinesOf(CLUSTERS).map((machine) => machine.name);
      if (!machines.includes(name)) throw unknown(name, machines);
      await run(link(name, 'down'));
      return;
    }
    case 'freeze-api-server':
      signalApiServer(clusterOf(name), 'SIGSTOP', where);
      return;
    case 'stop-istiod':
      await stopIstiod(clusterOf(name), where);
      return;
  }
}

/** Ends all of them, also those that are not there. The API servers come first: istiod is started over them. */
export async function healLab(where: Where): Promise<void> {
  for (const { name } of machinesOf(CLUSTERS)) await run(link(name, 'up'));
  for (const cluster of CLUSTERS) signalApiServer(cluster, 'SIGCONT', where);
  for (const cluster of CLUSTERS) await scaleIstiod(cluster, 1, where);
}

function link(machine: string, state: 'up' | 'down'): Command {
  return ['ip', '-n', FABRIC, 'link', 'set', machine, state];
}

function clusterOf(name: string): LabCluster {
  const found = CLUSTERS.find((cluster) => cluster.name === name);
  if (found !== undefined) return found;
  throw unknown(
    name,
    CLUSTERS.map((cluster) => cluster.name),
  );
}

function unknown(name: string, known: readonly string[]): FaultlineError {
  return new FaultlineError('NAME_UNKNOWN', `the lab has no ${name}`, { hint: `It has: ${known.join(', ')}` });
}

function signalApiServer({ name }: LabCluster, signal: 'SIGSTOP' | 'SIGCONT', { folder }: Where): void {
  const state = readState(folder);
  const found = state && recordedProcesses(state).find((one) => one.name === `${name}-kube-apiserver`);
  if (found === undefined || processFigures(found.pid)?.started !== found.started) {
    throw new FaultlineError('LAB', `the API server of ${name} does not run`, { hint: 'faultline lab status' });
  }
  process.kill(found.pid, signal);
}

/** At once: a pod that is asked to end serves on for half a minute. */
async function stopIstiod(cluster: LabCluster, where: Where): Promise<void> {
  await scaleIstiod(cluster, 0, where);
  const api = apiOf(cluster, where);
  const pods = await api.list(KINDS.pod, { namespace: ISTIOD.namespace, labelSelector: 'app=istiod' });
  for (const { metadata } of pods) {
    const pod = { ...KINDS.pod, namespace: ISTIOD.namespace, name: metadata.name ?? '' };
    await api.delete(pod, { gracePeriodSeconds: 0 });
  }
}

const ISTIOD = { ...KINDS.deployment, namespace: 'istio-system', name: 'istiod' };

async function scaleIstiod(cluster: LabCluster, replicas: number, where: Where): Promise<void> {
  await apiOf(cluster, where).patch(ISTIOD, [{ op: 'replace', path: '/spec/replicas', value: replicas }]);
}

function apiOf({ name, region }: LabCluster, { folder, clock }: Where): Cluster {
  const { kubeconfig } = accessOf(folder);
  return openCluster({ name, region, kubeconfig, context: name, gateways: [] }, clock);
}
