import { join } from 'node:path';
import { openCluster } from '../../kube/kubeconfig.ts';
import type { KubeObject } from '../../model/kubernetes.ts';
import type { Cluster } from '../../model/ports.ts';
import type { NamedTopology } from '../../topologies/index.ts';
import type { LabParts } from '../parts.ts';
import { API_PORT, type LabCluster } from '../topology.ts';
import { accessOf } from './access.ts';
import { apply, objectsOf } from './apply.ts';
import type { Balancer } from './balancer.ts';
import { clusterObjects } from './cluster-objects.ts';
import { apiServer, controllerManager, etcd, scheduler } from './control-plane.ts';
import type { ClusterCredentials } from './credentials.ts';
import type { Daemons, Started } from './daemon.ts';
import { certificateSecret, istioOperator, remoteSecret, SYSTEM, systemNamespace } from './mesh-objects.ts';
import { enforcePolicies, type FurnishedNode, joinCluster, startMachine } from './node.ts';
import { apiServerReady, deploymentsReady, nodesReady } from './readiness.ts';
import { run } from './run.ts';
import { together } from './together.ts';
import { until, type Waiting } from './until.ts';
import { ISTIO_READER, KUBE_PROXY, KUBE_ROUTER, kubeconfig, kubeletUser } from './users.ts';

/** What the start of a lab works with. */
export type Site = {
  readonly folder: string;
  readonly topology: NamedTopology;
  /** Those of the topology. */
  readonly clusters: readonly LabCluster[];
  readonly parts: LabParts;
  /** Folder of the CNI plug-ins. */
  readonly cniFolder: string;
  readonly daemons: Daemons;
  readonly balancer: Balancer;
  readonly credentials: ReadonlyMap<string, ClusterCredentials>;
  readonly waiting: Waiting;
  /** Its signal is that of `waiting`. */
  readonly stop: AbortController;
  readonly say: (text: string) => void;
};

/** A cluster whose pods can be made, and the way to its API server. */
export type StartedCluster = { readonly cluster: LabCluster; readonly api: Cluster };

const API_LIMIT_MS = 90_000;
/** Long, for a machine that has much else to do. */
const PODS_LIMIT_MS = 240_000;

/** Starts a cluster up to an istiod that is ready, where it has one of its own. */
export async function startCluster(cluster: LabCluster, site: Site): Promise<StartedCluster> {
  const { daemons, stop, waiting, say } = site;
  const api = openCluster(
    {
      ...{ name: cluster.name, region: cluster.region, context: cluster.name, gateways: [] },
      kubeconfig: accessOf(site.folder).kubeconfig,
    },
    waiting.clock,
  );
  const nodes: FurnishedNode[] = [];
  const needs: Started[] = [];
  await together(stop, [
    startControlPlane(cluster, api, site).then((started) => void needs.push(...started)),
    startMachines(cluster, site).then((machines) => void nodes.push(...machines)),
  ]);
  say(`${cluster.name}: the API server answers, the nodes have their images`);
  const joined = await together(
    stop,
    nodes.map((node) => joinCluster(node, nodeAccess(node, site), daemons)),
  );
  needs.push(...joined.flat());
  const names = cluster.nodes.map(({ name }) => name);
  await ready(site, `${cluster.name}: nodes`, () => nodesReady(api, names), needs);
  const routers = nodes.map((node) => enforcePolicies(node, daemons));
  needs.push(...(await together(stop, routers)));
  say(`${cluster.name}: ${names.length} nodes are ready`);
  await ready(site, `${cluster.name}: CoreDNS`, () => deploymentsReady(api, 'kube-system'), needs);
  if (cluster.configuredBy === undefined) {
    await ready(site, `${cluster.name}: istiod`, () => deploymentsReady(api, SYSTEM), needs);
  }
  say(`${cluster.name}: CoreDNS ${cluster.configuredBy === undefined ? 'and istiod are' : 'is'} ready`);
  return { cluster, api };
}

/** Waits for what a cluster does by itself; `needs` are daemons without which it cannot. */
export function ready(
  { waiting }: Site,
  what: string,
  check: () => Promise<true | string>,
  needs: readonly Started[] = [],
): Promise<void> {
  return until({ what, limitMs: PODS_LIMIT_MS, check, needs }, waiting);
}

/** The machines of all nodes, with the images in them. */
function startMachines(cluster: LabCluster, site: Site): Promise<FurnishedNode[]> {
  const { folder, parts, cniFolder, daemons, stop, waiting } = site;
  const machines = cluster.nodes.map((node) => {
    const setting = { cluster, node, parts, cniFolder, folder: join(folder, 'nodes', node.machine) };
    return startMachine(setting, daemons, waiting);
  });
  return together(stop, machines);
}

/** etcd to scheduler, and all objects whose pods wait for nodes. */
async function startControlPlane(cluster: LabCluster, api: Cluster, site: Site): Promise<Started[]> {
  const { parts, daemons, waiting, stop } = site;
  const { programs } = parts;
  const { files, outside } = credentialsOf(cluster, site);
  const started: Started[] = [];
  const istio = run([programs.istioctl, 'manifest', 'generate', '-f', '-'], istioOperator(cluster, site.clusters));
  const start = async () => {
    const needs = [await daemons.start(etcd(cluster, programs, files))];
    needs.push(await daemons.start(apiServer(cluster, programs, files)));
    const check = () => apiServerReady(outside.admin);
    await until({ what: `API server of ${cluster.name}`, limitMs: API_LIMIT_MS, check, needs }, waiting);
    needs.push(await daemons.start(controllerManager(cluster, programs, files)));
    needs.push(await daemons.start(scheduler(cluster, programs, files)));
    started.push(...needs);
    return '';
  };
  const [manifest = ''] = await together(stop, [istio, start()]);
  await apply(api, [...clusterObjects(cluster), ...prerequisites(cluster, site)], waiting);
  await apply(api, objectsOf(manifest), waiting);
  return started;
}

/** Every istiod reads the API servers of all other clusters; of those that it serves it is told later. */
function prerequisites(cluster: LabCluster, site: Site): KubeObject[] {
  if (cluster.configuredBy !== undefined) return [systemNamespace(cluster)];
  const others = site.clusters.filter((other) => other !== cluster && other.configuredBy === undefined);
  return [
    systemNamespace(cluster),
    certificateSecret(credentialsOf(cluster, site).mesh),
    ...others.map((other) => remoteSecretOf(other, site)),
  ];
}

/** What tells an istiod the way to the API server of another cluster. */
export function remoteSecretOf(cluster: LabCluster, site: Site): KubeObject {
  return remoteSecret(cluster.name, kubeconfig([credentialsOf(cluster, site).entrance(ISTIO_READER)]));
}

function nodeAccess({ cluster, node }: FurnishedNode, site: Site) {
  const { files, entrance } = credentialsOf(cluster, site);
  return {
    authority: files.authority.cert,
    kubelet: kubeconfig([entrance(kubeletUser(node.name))]),
    kubeProxy: kubeconfig([entrance(KUBE_PROXY)]),
    kubeRouter: kubeconfig([entrance(KUBE_ROUTER)]),
  };
}

function credentialsOf({ name }: LabCluster, { credentials }: Site): ClusterCredentials {
  const found = credentials.get(name);
  if (found === undefined) throw new Error(`no credentials for ${name}`);
  return found;
}

/** Where the API server of a cluster is in the fabric. */
export function apiAddress({ address }: LabCluster) {
  return { host: address, port: API_PORT };
}
