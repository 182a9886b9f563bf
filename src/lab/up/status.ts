import { openCluster } from '../../kube/kubeconfig.ts';
import { messageOf } from '../../model/errors.ts';
import { KINDS } from '../../model/kubernetes.ts';
import { podStatus } from '../../model/pod-object.ts';
import type { Clock, Cluster } from '../../model/ports.ts';
import { type LabCluster, labClusters } from '../topology.ts';
import { accessOf } from './access.ts';
import { type CgroupTrees, cgroupTrees, groupProcesses } from './cgroups.ts';
import { bootId, mounts, processFigures, residentBytes } from './proc.ts';
import { nodesReady } from './readiness.ts';
import { runningTopology } from './running-topology.ts';
import { readState, recordedProcesses } from './state.ts';
import { readWan, type Wan } from './wan.ts';

/** Whether the lab runs. `broken`: some of it is gone, or its start has not come to its end. */
type LabCondition =
  | { readonly kind: 'down' }
  | { readonly kind: 'broken'; readonly reason: string }
  | { readonly kind: 'up' };

/** What the state file and /proc say. */
export function labCondition(folder: string): LabCondition {
  const state = readState(folder);
  if (state === undefined) return { kind: 'down' };
  if (state.boot !== bootId()) return { kind: 'broken', reason: 'the machine has been started anew since' };
  const gone = recordedProcesses(state).filter(({ pid, started }) => processFigures(pid)?.started !== started);
  if (gone.length > 0) return { kind: 'broken', reason: `gone: ${gone.map(({ name }) => name).join(', ')}` };
  if (!state.made.some(({ kind }) => kind === 'ready'))
    return { kind: 'broken', reason: 'its start has not come to its end' };
  return { kind: 'up' };
}

/** What a part of the lab takes of the machine. */
export type Usage = {
  readonly processes: number;
  readonly memoryBytes: number;
  /** Processors in use, on average over the time that was watched. */
  readonly cores: number;
};

export type ClusterStatus = {
  readonly name: string;
  /** What its API server says, or why it says nothing. */
  readonly kubernetes: string;
  readonly nodes: string;
  readonly pods: { readonly running: number; readonly all: number };
  readonly usage: Usage;
};

const WATCHED_MS = 1_000;
/** Linux tells processor time to every program in hundredths of a second. */
const TICKS_PER_SECOND = 100;

export type LabStatus = {
  /** Name of what it is laid out by. */
  readonly topology: string;
  readonly clusters: readonly ClusterStatus[];
  /** Of everything, what is in no cluster included: the balancer, the way between the regions. */
  readonly usage: Usage;
  readonly wan: Wan;
};

/** Asks every cluster of a lab that runs, and watches its processes for a second. */
export async function labStatus(folder: string, clock: Clock): Promise<LabStatus> {
  const trees = cgroupTrees(mounts());
  const topology = runningTopology(folder);
  const all = labClusters(topology);
  // The whole lab's group has no name.
  const groups = ['', ...all.map(({ name }) => name)];
  const [whole = NONE, ...usages] = trees === undefined ? [] : await watchUsage(trees, groups, clock);
  const clusters = await Promise.all(
    all.map((cluster, index) => clusterStatus(cluster, { folder, clock, usage: usages[index] ?? NONE })),
  );
  return { topology: topology.name, clusters, usage: whole, wan: readWan(folder) };
}

const NONE: Usage = { processes: 0, memoryBytes: 0, cores: 0 };

/** Of the processes of each group. */
async function watchUsage(trees: CgroupTrees, groups: readonly string[], clock: Clock): Promise<Usage[]> {
  const read = () =>
    groups.map(
      (group) => new Map(groupProcesses(trees, group).map((pid) => [pid, processFigures(pid)?.cpuTicks ?? 0])),
    );
  const from = clock.now();
  const before = read();
  await clock.sleep(WATCHED_MS);
  const seconds = (clock.now() - from) / 1_000_000;
  return read().map((after, index) => {
    // A process that came meanwhile counts with all that it has used.
    const ticks = [...after].map(([pid, now]) => now - (before[index]?.get(pid) ?? 0));
    const memory = [...after.keys()].map(residentBytes);
    return { processes: after.size, memoryBytes: sum(memory), cores: sum(ticks) / TICKS_PER_SECOND / seconds };
  });
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}

async function clusterStatus(
  { name, region, nodes }: LabCluster,
  { folder, clock, usage }: { folder: string; clock: Clock; usage: Usage },
): Promise<ClusterStatus> {
  const { kubeconfig } = accessOf(folder);
  try {
    const api = openCluster({ name, region, kubeconfig, context: name, gateways: [] }, clock);
    const { version } = await api.identity();
    const missing = await nodesReady(
      api,
      nodes.map((node) => node.name),
    );
    const pods = await podCounts(api);
    return { name, kubernetes: version, nodes: missing === true ? `${nodes.length} ready` : missing, pods, usage };
  } catch (error) {
    return { name, kubernetes: messageOf(error), nodes: 'unknown', pods: { running: 0, all: 0 }, usage };
  }
}

/** Pods that have done their work are none to count. */
async function podCounts(api: Cluster): Promise<{ running: number; all: number }> {
  const pods = (await api.list(KINDS.pod, {})).filter((pod) => podStatus(pod).phase !== 'Succeeded');
  return { running: pods.filter((pod) => podStatus(pod).phase === 'Running').length, all: pods.length };
}
