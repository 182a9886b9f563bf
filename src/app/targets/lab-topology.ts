import { FaultlineError } from '../../model/errors.ts';
import { DEFAULT_TOPOLOGY, type NamedTopology } from '../../topologies/index.ts';

/** The command that starts a lab of a topology. */
export function labUpCommand({ name }: NamedTopology): string {
  return name === DEFAULT_TOPOLOGY.name ? 'faultline lab up' : `faultline lab up --topology ${name}`;
}

/** Throws LAB when a scenario is for another topology than that of the lab that is up, with what starts its own. */
export function checkLabTopology(asked: NamedTopology, running: NamedTopology): void {
  if (asked.name === running.name) return;
  const what = `the scenario is for the topology ${asked.name}; the lab that is up has ${running.name}`;
  throw new FaultlineError('LAB', what, { hint: `faultline lab down, then ${labUpCommand(asked)}` });
}
