import { CLUSTERS, type LabCluster, type LabNode } from '../topology.ts';

/** A cluster of the lab by its name. */
export function labCluster(name: string): LabCluster {
  const found = CLUSTERS.find((cluster) => cluster.name === name);
  if (found === undefined) throw new Error(`no cluster ${name}`);
  return found;
}

/** A node of the lab by its zone. */
export function labNode(zone: string): LabNode {
  const found = CLUSTERS.flatMap(({ nodes }) => nodes).find((node) => node.zone === zone);
  if (found === undefined) throw new Error(`no zone ${zone}`);
  return found;
}
