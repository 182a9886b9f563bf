import type { KubeObject } from '../../model/kubernetes.ts';
import { chainName, type FaultName } from '../in-pod/container.ts';
import { nodesOf, type Probes, probedPorts, sparingProbes } from '../in-pod/probes.ts';
import type { Chain, Tool } from '../in-pod/script.ts';

/**
 * A chain at the head of INPUT and OUTPUT that drops every packet that comes from outside of the pod or goes there, whatever
 * connection it is of: Istio's redirects are in the table nat, which comes before. What stays inside the pod goes on, and so
 * do the probes of its own node, as in a lost zone, which keeps its kubelets.
 */
export function chainOf(fault: FaultName, pod: KubeObject): Chain {
  const probes: Probes = { nodes: nodesOf(pod), ports: probedPorts(pod) };
  return {
    name: chainName(fault),
    hooks: ['INPUT', 'OUTPUT'],
    rules: (tool: Tool) => [
      '-i lo -j RETURN',
      '-o lo -j RETURN',
      `-d ${tool.redirected} -j RETURN`,
      ...sparingProbes(tool, probes).flatMap(({ input, output }) => [`${input} -j RETURN`, `${output} -j RETURN`]),
      '-j DROP',
    ],
  };
}
