import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { configuredBy, type NamedTopology, type TopologyCluster } from './topology.ts';

const FOLDER = new URL('./manifests/', import.meta.url);
/** Namespaces first: everything else lives in one. */
const FIRST = 'namespaces.yaml';

/**
 * The manifests of a cluster of a topology, in the order to apply them: what every cluster of the mesh has, the configuration
 * of proxies where it is read, the istiod that is to be seen there or the leave of another one, a gateway for each zone, the mock services as the topology lays them out, the way into its network, and what the cluster has for itself.
 */
export function manifestsOf({ workloads }: NamedTopology, cluster: TopologyCluster): string[] {
  const { name, zones, network, istiod } = cluster;
  const by = configuredBy(cluster);
  const perZone = workloads === 'zoned' ? ['gateway', 'zoned'] : ['gateway'];
  return [
    ...textsIn('mesh'),
    ...(by === undefined ? textsIn('configuration') : textsIn('remote', { istiod: by })),
    ...(istiod === name ? textsIn('istiod') : []),
    ...zones.flatMap((zone) => perZone.flatMap((folder) => textsIn(folder, { zone }))),
    ...(workloads === 'spread' ? textsIn('spread', { zones: String(zones.length) }) : []),
    ...(network === undefined ? [] : textsIn('network', { network })),
    ...textsIn(name),
  ];
}

/** The files of a folder, with `${key}` filled in; none when there is no such folder. */
function textsIn(folder: string, values: Readonly<Record<string, string>> = {}): string[] {
  const base = new URL(`${folder}/`, FOLDER);
  if (!existsSync(base)) return [];
  const files = readdirSync(base).sort((a, b) => Number(b === FIRST) - Number(a === FIRST) || a.localeCompare(b));
  return files.map((file) => filled(readFileSync(new URL(file, base), 'utf8'), values));
}

function filled(text: string, values: Readonly<Record<string, string>>): string {
  return Object.entries(values).reduce((done, [key, value]) => done.replaceAll(`\${${key}}`, value), text);
}
