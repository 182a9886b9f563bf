import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { FaultlineError } from '../../model/errors.ts';
import type { Clock } from '../../model/ports.ts';
import type { NamedTopology } from '../../topologies/index.ts';
import type { LabParts } from '../parts.ts';
import { type LabCluster, labClusters, loopbackOf } from '../topology.ts';
import { accessOf, type LabAccess, targetsText } from './access.ts';
import { type Address, Balancer } from './balancer.ts';
import { type CgroupTrees, cgroupTrees } from './cgroups.ts';
import { type ClusterCredentials, clusterCredentials, meshRoot } from './credentials.ts';
import { Daemons } from './daemon.ts';
import { labDown, MOUNT_NOTES, NAMESPACES } from './down.ts';
import { apiAddress, ready, type Site, startCluster } from './lab-cluster.ts';
import { namespacesOf, networkCommands } from './network.ts';
import { bootId, mounts } from './proc.ts';
import { labPrometheus, type PrometheusParts } from './prometheus.ts';
import { answers } from './readiness.ts';
import { serveRemotes } from './remote-control-plane.ts';
import { run, runAll } from './run.ts';
import { recordVersions } from './running-versions.ts';
import { makeLabFolder, StateFile } from './state.ts';
import { gatewaysAnswer, startSystem } from './system.ts';
import { together } from './together.ts';
import { ISTIO_READER, kubeconfig } from './users.ts';
import { changeWan, wanOf } from './wan.ts';

/** What a lab is started with. */
type LabOptions = {
  /** Where everything of the lab goes. */
  readonly folder: string;
  readonly topology: NamedTopology;
  readonly parts: LabParts;
  /** Folder of the CNI plug-ins. */
  readonly cniFolder: string;
  /** A Prometheus to start with it. */
  readonly prometheus: PrometheusParts | undefined;
  readonly clock: Clock;
  /** Ends the start; what was made until then goes again. */
  readonly signal: AbortSignal;
  readonly say: (text: string) => void;
};

/**
 * Starts the lab, which goes on after this process: first removes whatever an earlier one has left. Rejects with LAB when
 * it does not come up; nothing but its logs is left then.
 */
export async function labUp(options: LabOptions): Promise<LabAccess> {
  const { folder, clock, signal } = options;
  await labDown(folder, clock);
  const stop = new AbortController();
  const passOn = () => stop.abort(signal.reason);
  signal.addEventListener('abort', passOn);
  if (signal.aborted) passOn();
  try {
    return await start(options, stop);
  } catch (error) {
    await labDown(folder, clock, !signal.aborted);
    if (!signal.aborted) options.say(`it does not come up; its logs are in ${join(folder, 'log')}`);
    throw error;
  } finally {
    signal.removeEventListener('abort', passOn);
  }
}

async function start(options: LabOptions, stop: AbortController): Promise<LabAccess> {
  const { folder, topology, parts, cniFolder, clock, say } = options;
  const clusters = labClusters(topology);
  makeLabFolder(folder);
  const state = new StateFile(folder);
  state.begin(bootId());
  state.add({ kind: 'topology', name: topology.name });
  if (!existsSync(MOUNT_NOTES)) state.add({ kind: 'folder', path: MOUNT_NOTES });
  recordVersions(folder, parts.versions);
  const daemons = new Daemons({ folder, trees: trees(), state });
  await makeNetwork(clusters, state);
  const balancer = await Balancer.start(daemons);
  const credentials = await makeCredentials(clusters, folder);
  for (const cluster of clusters) {
    const { host, port } = apiAddress(cluster);
    await balancer.forward({ host: loopbackOf(host), port }, { host, port });
  }
  say('the network is there');
  const waiting = { clock, signal: stop.signal };
  const site: Site = {
    folder,
    topology,
    clusters,
    parts,
    cniFolder,
    daemons,
    balancer,
    credentials,
    waiting,
    stop,
    say,
  };
  const started = await together(
    stop,
    clusters.map((cluster) => startCluster(cluster, site)),
  );
  await serveRemotes(started, site);
  const reached = await together(
    stop,
    started.map((cluster) => startSystem(cluster, site)),
  );
  const access = accessOf(folder);
  const prometheus = await startPrometheus(options, site);
  writeFileSync(access.targets, targetsText(reached, 'admin', prometheus), { mode: 0o600 });
  writeFileSync(access.drill.targets, targetsText(reached, 'drill', prometheus), { mode: 0o600 });
  await together(
    stop,
    reached.map((cluster) => gatewaysAnswer(cluster, site)),
  );
  if (topology.link !== undefined) {
    await changeWan(wanOf(topology), parts.programs.wan, { folder, clock });
    say('the way between the regions is slow, and loses packets');
  }
  balancer.release();
  state.add({ kind: 'ready' });
  return access;
}

/** Resolves to where the machine reaches it, when it answers there. */
async function startPrometheus({ folder, prometheus }: LabOptions, site: Site): Promise<Address | undefined> {
  if (prometheus === undefined) return undefined;
  const readers = [...site.credentials.values()].map(({ entrance }) => entrance(ISTIO_READER));
  const { daemons, inside, outside } = labPrometheus(folder, prometheus, readers);
  const started = [await site.daemons.start(daemons[0]), await site.daemons.start(daemons[1])];
  await site.balancer.forward(outside, inside);
  await ready(site, 'Prometheus', () => answers(outside, 'prometheus', '/-/ready'), started);
  return outside;
}

function trees(): CgroupTrees {
  const found = cgroupTrees(mounts());
  if (found !== undefined) return found;
  throw new FaultlineError('LAB', 'no cgroups are mounted on this machine', { hint: 'faultline doctor --target lab' });
}

/** Network namespaces, the fabric and all routes. The first namespace of a machine makes a mount of their folder. */
async function makeNetwork(clusters: readonly LabCluster[], state: StateFile): Promise<void> {
  if (!mounts().some(({ point }) => point === NAMESPACES)) state.add({ kind: 'mount', path: NAMESPACES });
  for (const name of namespacesOf(clusters)) {
    state.add({ kind: 'namespace', name });
    await run(['ip', 'netns', 'add', name]);
  }
  await runAll(networkCommands(clusters));
}

/** Keys and certificates of all clusters, and the kubeconfigs for people. */
async function makeCredentials(
  clusters: readonly LabCluster[],
  folder: string,
): Promise<Map<string, ClusterCredentials>> {
  const root = await meshRoot(folder);
  const all = await Promise.all(
    clusters.map(async (cluster): Promise<[string, ClusterCredentials]> => {
      return [cluster.name, await clusterCredentials(cluster, folder, root)];
    }),
  );
  const access = accessOf(folder);
  const outside = all.map(([, credentials]) => credentials.outside);
  writeFileSync(access.kubeconfig, kubeconfig(outside.map(({ admin }) => admin)), { mode: 0o600 });
  writeFileSync(access.drill.kubeconfig, kubeconfig(outside.map(({ drill }) => drill)), { mode: 0o600 });
  return new Map(all);
}
