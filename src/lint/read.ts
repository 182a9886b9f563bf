import { messageOf } from '../model/errors.ts';
import { KINDS, type KubeKind, type KubeObject, MESH_KINDS } from '../model/kubernetes.ts';
import type { Cluster } from '../model/ports.ts';
import type { Scenario } from '../model/scenario.ts';
import type { ObservedScope, Target } from '../model/target.ts';
import { meshVersions } from '../observe/mesh-version.ts';
import { placesOf } from '../observe/needs.ts';
import type { LiveSystem } from '../predict/live-system.ts';
import { configuredIn } from '../predict/needs.ts';
import { readSystem, readWorkloads } from '../predict/read-system.ts';
import { CONTROL_PLANE } from '../workload/control-plane.ts';
import { AUTOSCALER, METRICS_PORT, ROOTS } from './needs.ts';
import { systemOf } from './prepare.ts';
import type { Beside, LintSystem, Unread } from './system.ts';

/**
 * How much is read: `mesh` is what a prediction reads, too, and asks no cluster for more; rules that need the rest are
 * silent then.
 */
export type Extent = 'all' | 'mesh';

/**
 * Reads what rules look at. Rejects with what a cluster refuses of the mesh's own configuration and of its pods, or where
 * it does not answer; of all else what cannot be read is told in `unread`. Writes nothing.
 */
export async function readForLint(
  clusters: readonly Cluster[],
  target: Target,
  scenario: Scenario | undefined,
  extent: Extent = 'all',
): Promise<LintSystem> {
  const scope = target.observe;
  const live = await readSystem(clusters, scope, [], await meshVersions(clusters, scope));
  const read = await Promise.all(
    clusters.map((cluster) => (extent === 'all' ? readBeside(cluster, scope, live, scenario) : nothingBeside(cluster))),
  );
  const beside = read.map(({ beside: one }) => one);
  const unread = read.flatMap(({ unread: some }) => some);
  return systemOf({ live, target, ...(scenario === undefined ? {} : { scenario }), beside, unread });
}

type Read = { readonly beside: Beside; readonly unread: Unread[] };

const KINDS_BESIDE: readonly Unread['what'][] = ['workloads', 'roots', 'control planes', 'namespaces'];

function nothingBeside({ name: cluster, configuredBy }: Cluster): Read {
  const none = {
    deployments: [],
    others: [],
    autoscalers: [],
    budgets: [],
    namespaces: [],
    idle: [],
    roots: [],
    remotes: 0,
    istiod: false,
  };
  return {
    beside: { cluster, ...none },
    unread: [...KINDS_BESIDE, ...(configuredBy === undefined ? [] : ['configuration' as const])].map((what) => ({
      what,
      cluster,
      reason: `${what} were not asked for`,
    })),
  };
}

async function readBeside(
  cluster: Cluster,
  scope: ObservedScope,
  { clusters }: LiveSystem,
  scenario: Scenario | undefined,
): Promise<Read> {
  const unread: Unread[] = [];
  const attempt = async <T>(what: Unread['what'], empty: T, read: () => Promise<T>): Promise<T> => {
    try {
      return await read();
    } catch (error) {
      unread.push({ what, cluster: cluster.name, reason: messageOf(error) });
      return empty;
    }
  };
  const places = placesOf(scope);
  const listed = (kind: KubeKind) => attempt('workloads', [], () => listAll(cluster, kind, places));
  const faults = (scenario?.faults ?? []).filter(
    ({ move }) => move.kind === 'rollout' && move.workload.kind !== 'Deployment',
  );
  const [deployments, others, autoscalers, budgets, namespaces, idle, roots, plane] = await Promise.all([
    listed(KINDS.deployment),
    attempt('workloads', [], () => readWorkloads(cluster, faults)),
    listed(AUTOSCALER),
    listed(KINDS.podDisruptionBudget),
    attempt('namespaces', [], () => readNamespaces(cluster, scope.namespaces)),
    attempt('configuration', [], () => readIdle(cluster, scope)),
    attempt('roots', [], () => readRoots(cluster, scope.namespaces)),
    attempt('control planes', { istiod: false, remotes: 0 }, () => readPlane(cluster, clusters.length)),
  ]);
  const listedAll = { deployments, others, autoscalers, budgets, namespaces, idle };
  return { beside: { cluster: cluster.name, ...listedAll, roots, ...plane }, unread };
}

async function listAll(cluster: Cluster, kind: KubeKind, places: readonly string[]): Promise<KubeObject[]> {
  return (await Promise.all(places.map((namespace) => cluster.list(kind, { namespace })))).flat();
}

async function readIdle(cluster: Cluster, scope: ObservedScope): Promise<KubeObject[]> {
  if (cluster.configuredBy === undefined) return [];
  const kinds = Object.values(MESH_KINDS).map((kind) => listAll(cluster, kind, configuredIn(scope)));
  return (await Promise.all(kinds)).flat();
}

async function readNamespaces(cluster: Cluster, names: readonly string[]): Promise<KubeObject[]> {
  const found = await Promise.all(names.map((name) => cluster.get({ ...KINDS.namespace, namespace: name, name })));
  return found.filter((one) => one !== undefined);
}

const CERTIFICATE = /-----BEGIN CERTIFICATE-----([A-Za-z0-9+/=\s]+)-----END CERTIFICATE-----/g;

/** What istiod has written for the proxies of the first namespace to trust; the same in every other. */
async function readRoots(cluster: Cluster, [namespace = 'default']: readonly string[]): Promise<string[]> {
  const found = await cluster.get({ ...ROOTS, namespace });
  const data = (found?.data ?? {}) as { readonly 'root-cert.pem'?: string };
  const text = data['root-cert.pem'] ?? '';
  return [...text.matchAll(CERTIFICATE)].map(([, body = '']) => body.replace(/\s/g, ''));
}

const REMOTE = /^istiod_managed_clusters\{[^}]*cluster_type="remote"[^}]*\} (\d+)/m;

/** How many other clusters istiod manages, by its own statistics (Istio: multicluster/secretcontroller.go). One cluster needs none. */
async function readPlane(cluster: Cluster, clusters: number): Promise<{ istiod: boolean; remotes: number }> {
  const pods = await cluster.list(KINDS.pod, CONTROL_PLANE);
  const [pod] = pods;
  if (pod === undefined || clusters < 2) return { istiod: pod !== undefined, remotes: 0 };
  const text = await cluster.podProxy(CONTROL_PLANE.namespace, pod.metadata.name ?? '', METRICS_PORT, '/metrics');
  const found = REMOTE.exec(text)?.[1];
  if (found === undefined) throw new Error('its statistics do not have istiod_managed_clusters');
  return { istiod: true, remotes: Number(found) };
}
