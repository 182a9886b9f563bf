import type { KubeObject } from '../../model/kubernetes.ts';
import { containersOf, podStatus } from '../../model/pod-object.ts';
import type { Tool } from './script.ts';

/** Who probes a pod, and where. */
export type Probes = {
  /** Addresses of the pod's node, from which the kubelet probes the pod; the default gateway may be another one. */
  readonly nodes: readonly string[];
  readonly ports: readonly number[];
};

/** Addresses of the node that a pod is on. */
export function nodesOf(pod: KubeObject): string[] {
  const { hostIP, hostIPs = [] } = podStatus(pod);
  return [...new Set([...(hostIP === undefined ? [] : [hostIP]), ...hostIPs.map(({ ip }) => ip)])];
}

/** Ports of a pod that its kubelet probes. */
export function probedPorts(pod: KubeObject): number[] {
  const ports = containersOf(pod).flatMap((container) =>
    [container.livenessProbe, container.readinessProbe, container.startupProbe].flatMap((probe) => {
      const port = (probe?.httpGet ?? probe?.tcpSocket ?? probe?.grpc)?.port;
      const named = container.ports?.find(({ name }) => name === port)?.containerPort;
      return port === undefined ? [] : [named ?? Number(port)];
    }),
  );
  return [...new Set(ports.filter(Number.isInteger))].sort((a, b) => a - b);
}

/** What matches the probes of the pod's own node on their way in, and their answers. */
export function sparingProbes(tool: Tool, { nodes, ports }: Probes): { input: string; output: string }[] {
  const peers = [...nodes.filter((node) => tool.is.test(node)), `\${3:-${tool.nobody}}`];
  return ports.flatMap((port) =>
    peers.map((peer) => ({
      input: `-s ${peer} -p tcp --dport ${port}`,
      output: `-d ${peer} -p tcp --sport ${port}`,
    })),
  );
}
