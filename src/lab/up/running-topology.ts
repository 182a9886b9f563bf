import { DEFAULT_TOPOLOGY, type NamedTopology, topologyNamed } from '../../topologies/index.ts';
import { type LabCluster, labClusters } from '../topology.ts';
import { readState } from './state.ts';

/** What the lab in this folder is laid out by. A state file that does not say is of a time when there was one topology. */
export function runningTopology(folder: string): NamedTopology {
  const [name] = readState(folder)?.made.flatMap((one) => (one.kind === 'topology' ? [one.name] : [])) ?? [];
  return name === undefined ? DEFAULT_TOPOLOGY : topologyNamed(name);
}

/** The clusters of the lab in this folder. */
export function runningClusters(folder: string): readonly LabCluster[] {
  return labClusters(runningTopology(folder));
}
