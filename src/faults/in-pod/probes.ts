import type { KubeObject } from '../../model/kubernetes.ts';
import type { Tool } from './script.ts';

type Port = number | string;
type Probe = { httpGet?: { port: Port }; tcpSocket?: { port: Port }; grpc?: { port: Port } };
type Container = {
  ports?: { name?: string; containerPort: number }[];
  livenessProbe?: Probe;
  readinessProbe?: Probe;
  startupProbe?: Probe;
};
type PodSpec = { containers?: Container[]; initContainers?: Container[] };
type PodStatus = { hostIP?: string; hostIPs?: { ip: string }[] };

/** Who probes a pod, and where. */
export type Probes = {
  /** Addresses of the pod's node, from which the kubelet probes the pod; the default gateway may be another one. */
  readonly nodes: readonly string[];
  readonly ports: readonly number[];
};

/** Addresses of the node that a pod is on. */
export function nodesOf({ status }: KubeObject): string[] {
  const { hostIP, hostIPs = [] } = (status ?? {}) as unknown as PodStatus;
  return [...new Set([...(hostIP === undefined ? [] : [hostIP]), ...hostIPs.map(({ ip }) => ip)])];
}

/** Ports of a pod that its kubelet probes. */
export function probedPorts({ spec }: KubeObject): number[] {
  const { containers = [], initContainers = [] } = (spec ?? {}) as unknown as PodSpec;
  const ports = [...containers, ...initContainers].flatMap((container) =>
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
