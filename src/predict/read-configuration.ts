import { type Configuration, MESH_CONFIG, readMeshConfig } from '../mesh/istiod/configuration.ts';
import { type KubeKind, type KubeObject, MESH_KINDS } from '../model/kubernetes.ts';
import type { Cluster } from '../model/ports.ts';
import type { ObservedScope } from '../model/target.ts';
import { configuredIn } from './needs.ts';

/** That part of it which is read. */
type ReadConfiguration = Omit<Configuration, 'rootNamespace' | 'istio'>;

/** The configuration of each cluster's proxies, by the cluster's name: that of another one where its istiod serves them. */
export async function readConfigurations(
  clusters: readonly Cluster[],
  scope: ObservedScope,
): Promise<(cluster: Cluster) => ReadConfiguration> {
  const own = clusters.filter(({ configuredBy }) => configuredBy === undefined);
  const read = new Map(
    await Promise.all(own.map(async (cluster) => [cluster.name, await readConfiguration(cluster, scope)] as const)),
  );
  return ({ name, configuredBy = name }) => {
    const found = read.get(configuredBy);
    if (found === undefined)
      throw new Error(`cluster ${name}: its configuration is that of ${configuredBy}, which was not read`);
    return found;
  };
}

async function readConfiguration(cluster: Cluster, scope: ObservedScope): Promise<ReadConfiguration> {
  const places = configuredIn(scope);
  const mesh = (kind: KubeKind): Promise<KubeObject[]> => listAll(cluster, kind, places);
  const [destinationRules, envoyFilters, virtualServices, gateways, sidecars, map] = await Promise.all([
    mesh(MESH_KINDS.destinationRules),
    mesh(MESH_KINDS.envoyFilters),
    mesh(MESH_KINDS.virtualServices),
    mesh(MESH_KINDS.gateways),
    mesh(MESH_KINDS.sidecars),
    cluster.get(MESH_CONFIG),
  ]);
  return { destinationRules, envoyFilters, virtualServices, gateways, sidecars, mesh: readMeshConfig(map) };
}

/** All objects of a kind in some namespaces. */
export async function listAll(cluster: Cluster, kind: KubeKind, namespaces: readonly string[]): Promise<KubeObject[]> {
  const lists = namespaces.map((namespace) => cluster.list(kind, { namespace }));
  return (await Promise.all(lists)).flat();
}
