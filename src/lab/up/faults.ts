import { FaultlineError } from '../../model/errors.ts';
import { KINDS } from '../../model/kubernetes.ts';
import type { Clock } from '../../model/ports.ts';
import type { LabFault } from '../fault-kinds.ts';
import { labParts } from '../parts.ts';
import { type LabCluster, type LabNode, machinesOf } from '../topology.ts';
import { adminApi } from './admin-api.ts';
import { lives, livingLab } from './living.ts';
import { holdForRun } from './lock.ts';
import { takeBackChanges } from './mesh-changes.ts';
import { FABRIC } from './network.ts';
import { machineName } from './node.ts';
import { nodesReady } from './readiness.ts';
import { reviveLab } from './revive.ts';
import { type Command, run } from './run.ts';
import { runningClusters, runningTopology } from './running-topology.ts';
import { runningVersions } from './running-versions.ts';
import { recordedProcesses } from './state.ts';
import { until } from './until.ts';
import { changeWan, healWan, wanOf, worseWan } from './wan.ts';

type Where = { readonly folder: string; readonly clock: Clock };

/**
 * Injects a fault: `cut-link` takes the cable of a node, or of a cluster's control plane, out of the fabric;
 * `kill-node` ends the machine of a node with everything on it; `freeze-api-server` stops the process, whose connections
 * stay and hang; `stop-istiod` leaves a cluster without one; `delay` makes round trips between the regions longer by so
 * much, `loss` loses such a share of the packets of each direction. Rejects with LAB for what the lab does not have, with
 * USAGE for what is no duration or share.
 */
export async function injectLabFault(fault: LabFault, what: string, where: Where): Promise<void> {
  const clusters = runningClusters(where.folder);
  switch (fault) {
    case 'cut-link':
      await run(link(known(what, machinesOf(clusters), (machine) => machine.name).name, 'down'));
      return;
    case 'kill-node':
      await killNode(nodeOf(what, clusters), where);
      return;
    case 'freeze-api-server':
      signalApiServer(clusterOf(what, clusters), 'SIGSTOP', where);
      return;
    case 'stop-istiod':
      await stopIstiod(withIstiod(clusterOf(what, clusters)), where);
      return;
    case 'delay':
    case 'loss':
      requireRegions(clusters);
      await changeWan(worseWan(fault, what, wanOf(runningTopology(where.folder))), await wanProgram(where), where);
      return;
  }
}

/**
 * Ends all of them, also those that are not there, and takes back what a run that was killed had changed. The API servers
 * come before istiod, which is started over them.
 */
export async function healLab(where: Where): Promise<void> {
  const clusters = runningClusters(where.folder);
  for (const { name } of machinesOf(clusters)) await run(link(name, 'up'));
  await healWan(() => wanProgram(where), where);
  await reviveLab(where);
  for (const cluster of clusters) signalApiServer(cluster, 'SIGCONT', where);
  for (const cluster of clusters) await healed(cluster, where);
  await takeBackLeft(where);
}

/** What a run that goes on has changed stays. */
async function takeBackLeft(where: Where): Promise<void> {
  const release = await holdForRun().catch(() => undefined);
  if (release === undefined) return;
  try {
    await takeBackChanges(where);
  } finally {
    release();
  }
}

const HEAL_LIMIT_MS = 60_000;

/** An API server that has been started anew answers after a while, and hears of its nodes later. */
async function healed(cluster: LabCluster, where: Where): Promise<void> {
  const check = async () => {
    if (cluster.configuredBy === undefined) await scaleIstiod(cluster, 1, where);
    return nodesReady(
      adminApi(cluster, where),
      cluster.nodes.map(({ name }) => name),
    );
  };
  const waiting = { clock: where.clock, signal: new AbortController().signal };
  await until({ what: `${cluster.name}: istiod and nodes`, limitMs: HEAL_LIMIT_MS, check }, waiting);
}

function requireRegions(clusters: readonly LabCluster[]): void {
  if (new Set(clusters.map(({ region }) => region)).size > 1) return;
  throw new FaultlineError('LAB', 'the lab that is up has one region, and so no way between regions', {
    hint: 'faultline lab down, then faultline lab up: its usual topology has two.',
  });
}

async function wanProgram({ folder }: Where): Promise<string> {
  return (await labParts(runningVersions(folder))).programs.wan;
}

/** Its whole machine, at once: a process that keeps namespaces goes with all that is in them. */
async function killNode(node: LabNode, { folder, clock }: Where): Promise<void> {
  const { state } = livingLab(folder);
  const machine = recordedProcesses(state).find(({ name }) => name === machineName(node));
  if (machine === undefined || !lives(machine)) return;
  process.kill(machine.pid, 'SIGKILL');
  while (lives(machine)) await clock.sleep(20);
}

function link(machine: string, state: 'up' | 'down'): Command {
  return ['ip', '-n', FABRIC, 'link', 'set', machine, state];
}

function clusterOf(name: string, clusters: readonly LabCluster[]): LabCluster {
  return known(name, clusters, (cluster) => cluster.name);
}

function nodeOf(machine: string, clusters: readonly LabCluster[]): LabNode {
  const nodes = clusters.flatMap((cluster) => cluster.nodes);
  return known(machine, nodes, (node) => node.machine);
}

/** The one of that name. */
function known<T>(name: string, all: readonly T[], nameOf: (one: T) => string): T {
  const found = all.find((one) => nameOf(one) === name);
  if (found !== undefined) return found;
  throw new FaultlineError('NAME_UNKNOWN', `the lab has no ${name}`, { hint: `It has: ${all.map(nameOf).join(', ')}` });
}

function signalApiServer({ name }: LabCluster, signal: 'SIGSTOP' | 'SIGCONT', { folder }: Where): void {
  const { state } = livingLab(folder);
  const found = recordedProcesses(state).find((one) => one.name === `${name}-kube-apiserver`);
  if (found === undefined || !lives(found)) {
    throw new FaultlineError('LAB', `the API server of ${name} does not run`, { hint: 'faultline lab heal' });
  }
  process.kill(found.pid, signal);
}

/** The cluster, which has one of its own. */
function withIstiod(cluster: LabCluster): LabCluster {
  const { name, configuredBy } = cluster;
  if (configuredBy === undefined) return cluster;
  const what = `${name} has no istiod of its own: its proxies are served by that of ${configuredBy}`;
  throw new FaultlineError('LAB', what, { hint: `faultline lab fault stop-istiod ${configuredBy}` });
}

/** At once: a pod that is asked to end serves on for half a minute. */
async function stopIstiod(cluster: LabCluster, where: Where): Promise<void> {
  await scaleIstiod(cluster, 0, where);
  const api = adminApi(cluster, where);
  const pods = await api.list(KINDS.pod, { namespace: ISTIOD.namespace, labelSelector: 'app=istiod' });
  for (const { metadata } of pods) {
    const pod = { ...KINDS.pod, namespace: ISTIOD.namespace, name: metadata.name ?? '' };
    await api.delete(pod, { gracePeriodSeconds: 0 });
  }
}

const ISTIOD = { ...KINDS.deployment, namespace: 'istio-system', name: 'istiod' };

async function scaleIstiod(cluster: LabCluster, replicas: number, where: Where): Promise<void> {
  await adminApi(cluster, where).patch(ISTIOD, [{ op: 'replace', path: '/spec/replicas', value: replicas }]);
}
