import { DEFAULT_TOPOLOGY } from '../../topologies/index.ts';
import { type LabCluster, type LabNode, labClusters } from '../topology.ts';

/** Those of the topology that a lab has unless it is told otherwise. */
export const CLUSTERS = labClusters(DEFAULT_TOPOLOGY);

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
