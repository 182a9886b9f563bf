import { FaultlineError } from '../model/errors.ts';
import { type NamedTopology, TOPOLOGIES, topologyNamed } from '../topologies/index.ts';

/** Those that the lab can be laid out by: in it, every cluster has an istiod of its own. */
export const LAB_TOPOLOGIES = TOPOLOGIES.filter((topology) => servedByAnother(topology) === undefined);

/** The topology of a name. Throws USAGE where there is none, LAB for one that the lab does not have. */
export function labTopology(name: string): NamedTopology {
  const topology = topologyNamed(name);
  const served = servedByAnother(topology);
  if (served === undefined) return topology;
  const what = `the lab does not have ${name}: its ${served.name} has no istiod of its own, and each cluster of the lab has one`;
  throw new FaultlineError('LAB', what, {
    hint: `On the sandbox: faultline sandbox up --topology ${name}. The lab has ${LAB_TOPOLOGIES.map((one) => one.name).join(', ')}.`,
  });
}

function servedByAnother({ clusters }: NamedTopology) {
  return clusters.find(({ name, istiod = name }) => istiod !== name);
}
