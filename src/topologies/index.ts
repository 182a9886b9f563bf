import { FaultlineError } from '../model/errors.ts';
import { MULTI_CLOUD } from './multi-cloud.ts';
import { MULTI_REGION } from './multi-region.ts';
import { REMOTE_CONTROL_PLANE } from './remote-control-plane.ts';
import { SINGLE_CLUSTER } from './single-cluster.ts';
import { OVERLAPPING_ZONES, SINGLE_REGION } from './single-region.ts';
import { SPREAD } from './spread.ts';
import type { NamedTopology } from './topology.ts';
import { TWO_NETWORKS } from './two-networks.ts';

export { manifestsOf } from './manifests.ts';
export {
  configuredBy,
  type KubernetesVersion,
  type NamedTopology,
  type Provider,
  type RegionLink,
  type TopologyCluster,
} from './topology.ts';

/** The topology of the vendor page's example; what a sandbox has unless it is told otherwise. */
/** Of a scenario the topology that it wants in the sandbox or the lab, of a targets file the one that a sandbox has. */
export const TOPOLOGY_ANNOTATION = 'sandbox.faultline.dev/topology';

export const DEFAULT_TOPOLOGY = MULTI_REGION;

/** Every topology, from the simplest to the one that survives most. A new one is one file and one entry here. */
export const TOPOLOGIES: readonly NamedTopology[] = [
  SINGLE_CLUSTER,
  SINGLE_REGION,
  OVERLAPPING_ZONES,
  MULTI_REGION,
  SPREAD,
  TWO_NETWORKS,
  REMOTE_CONTROL_PLANE,
  MULTI_CLOUD,
];

/** The topology of a name. Throws a FaultlineError that lists the names when there is none. */
export function topologyNamed(name: string): NamedTopology {
  const found = TOPOLOGIES.find((one) => one.name === name);
  if (found !== undefined) return found;
  const names = TOPOLOGIES.map((one) => one.name).join(', ');
  throw new FaultlineError('USAGE', `no topology is called '${name}'; there are ${names}`);
}
