import { cpSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { FaultlineError } from '../../model/errors.ts';
import { REGION_LABEL, ZONE_LABEL } from '../../model/kubernetes.ts';
import type { LabParts } from '../parts.ts';
import { LAB_NAME, type LabCluster, type LabNode, namespaceOf } from '../topology.ts';
import type { Daemon, Daemons, Started } from './daemon.ts';
import { inNamespace } from './network.ts';
import {
  CONTAINERD_SOCKET,
  cniConfig,
  containerdConfig,
  furnishScript,
  kubeletConfig,
  kubeProxyConfig,
  NODE_FOLDER,
} from './node-config.ts';
import { childrenOf, programName } from './proc.ts';
import { type Command, run } from './run.ts';
import { until, type Waiting } from './until.ts';

/** What a node is started with. */
type NodeSetting = {
  readonly cluster: LabCluster;
  readonly node: LabNode;
  /** The node's own folder on the machine. */
  readonly folder: string;
  readonly parts: LabParts;
  /** Folder of the CNI plug-ins. */
  readonly cniFolder: string;
};

/** What a node needs to join its cluster. */
type NodeAccess = {
  /** Path of the root that the API server's certificate is signed by. */
  readonly authority: string;
  readonly kubelet: string;
  readonly kubeProxy: string;
  readonly kubeRouter: string;
};

/** A machine that runs and has the images, without a kubelet yet. */
export type FurnishedNode = NodeSetting & { readonly machine: Started; readonly inside: (command: Command) => Command };

/** Cgroup of what belongs to a node, and below it that of its pods. */
function groupsOf({ cluster, node }: NodeSetting): { readonly system: string; readonly pods: string } {
  const own = `${cluster.name}/${node.name}`;
  return { system: `${own}/system`, pods: `${own}/pods` };
}

/**
 * Starts the machine of a node: a process that owns a process, mount, name and IPC namespace, in the node's network
 * namespace. With it goes everything in it. Then its containerd, and the images into that.
 */
export async function startMachine(setting: NodeSetting, daemons: Daemons, waiting: Waiting): Promise<FurnishedNode> {
  const { cluster, node, folder, parts, cniFolder } = setting;
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  writeFileSync(join(folder, 'containerd.toml'), containerdConfig(cniFolder));
  writeFileSync(join(folder, 'lab.conflist'), cniConfig(node));
  const machine = await daemons.start(machineDaemon(setting));
  await until(
    { what: `machine of ${node.machine}`, limitMs: 10_000, needs: [machine], check: async () => isUp(machine.pid) },
    waiting,
  );
  const inside = (command: Command) => insideOf(childrenOf(machine.pid)[0] ?? 0, command);
  await run(inside(['sh']), furnishScript(cluster, node, folder));
  const programs = dirname(parts.programs.containerd);
  const containerd = await daemons.start({
    name: `${node.machine}-containerd`,
    group: groupsOf(setting).system,
    command: inside([parts.programs.containerd, '-c', `${NODE_FOLDER}/containerd.toml`]),
    path: [programs],
  });
  const client: Command = [parts.programs.ctr, '--address', CONTAINERD_SOCKET, '--namespace', 'k8s.io'];
  const check = async () => hasSocket(machine.pid) || 'its socket is not there';
  await until({ what: `containerd of ${node.machine}`, limitMs: 60_000, needs: [machine, containerd], check }, waiting);
  for (const { archive } of parts.images) {
    waiting.signal.throwIfAborted();
    await run(
      daemons.joined({ group: groupsOf(setting).system, command: inside([...client, 'images', 'import', archive]) }),
    );
  }
  return { ...setting, machine, inside };
}

/** containerd opens its socket when it is able to serve. */
function hasSocket(machine: number): boolean {
  return existsSync(`/proc/${childrenOf(machine)[0]}/root${CONTAINERD_SOCKET}`);
}

/** The machine is there when its first process has become what it stays: before that /proc is not its own yet. */
function isUp(machine: number): true | string {
  const [first] = childrenOf(machine);
  return (first !== undefined && programName(first) === KEEPER.at(-2)) || 'its first process is not there';
}

/** The first process only keeps the namespaces; ignoring SIGCHLD makes the kernel bury orphans for it. */
const KEEPER = ['env', '--ignore-signal=CHLD', 'sleep', 'infinity'];

/** Name of the process that a node's machine goes with. */
export function machineName({ machine }: LabNode): string {
  return `${machine}-machine`;
}

function machineDaemon(setting: NodeSetting): Daemon {
  const { node } = setting;
  const namespaces = ['--pid', '--fork', '--kill-child', '--mount', '--mount-proc', '--uts', '--ipc'];
  return {
    name: machineName(node),
    group: groupsOf(setting).system,
    command: inNamespace(namespaceOf(node.machine), ['unshare', ...namespaces, ...KEEPER]),
  };
}

const WITH_PARENT = ['setpriv', '--pdeathsig', 'KILL'];

/** In a process namespace nsenter only waits for its child, which ends with it: whoever kills the one has killed the other. */
function insideOf(pid: number, command: Command): Command {
  if (pid === 0) throw new FaultlineError('LAB', 'a machine of the lab has ended', { hint: 'faultline lab down' });
  return ['nsenter', `--target=${pid}`, '--mount', '--uts', '--ipc', '--net', '--pid', ...WITH_PARENT, ...command];
}

/** Starts kubelet and kube-proxy of a machine, whose API server answers. */
export async function joinCluster(furnished: FurnishedNode, access: NodeAccess, daemons: Daemons): Promise<Started[]> {
  const { cluster, node, folder, parts, inside } = furnished;
  const groups = groupsOf(furnished);
  daemons.group(groups.pods);
  writeFileSync(join(folder, 'kubelet.yaml'), kubeletConfig(cluster, `${LAB_NAME}/${groups.pods}`));
  writeFileSync(join(folder, 'kube-proxy.yaml'), kubeProxyConfig(cluster, node));
  writeFileSync(join(folder, 'kubelet.kubeconfig'), access.kubelet, { mode: 0o600 });
  writeFileSync(join(folder, 'kube-proxy.kubeconfig'), access.kubeProxy, { mode: 0o600 });
  writeFileSync(join(folder, 'kube-router.kubeconfig'), access.kubeRouter, { mode: 0o600 });
  cpSync(access.authority, join(folder, 'ca.crt'));
  const kubelet: Command = [
    parts.programs.kubelet,
    `--config=${NODE_FOLDER}/kubelet.yaml`,
    `--kubeconfig=${NODE_FOLDER}/kubelet.kubeconfig`,
    `--hostname-override=${node.name}`,
    `--node-ip=${node.address}`,
    `--node-labels=${REGION_LABEL}=${cluster.region},${ZONE_LABEL}=${node.zone}`,
  ];
  const kubeProxy: Command = [parts.programs['kube-proxy'], `--config=${NODE_FOLDER}/kube-proxy.yaml`];
  const start = (name: string, command: Command) =>
    daemons.start({ name: `${node.machine}-${name}`, group: groups.system, command: inside(command) });
  return [await start('kubelet', kubelet), await start('kube-proxy', kubeProxy)];
}

/** Starts what enforces NetworkPolicies on a node, which is registered: it ends at once otherwise. */
export function enforcePolicies(furnished: FurnishedNode, daemons: Daemons): Promise<Started> {
  const name = `${furnished.node.machine}-kube-router`;
  const { system } = groupsOf(furnished);
  return daemons.start({ name, group: system, command: furnished.inside(kubeRouter(furnished)) });
}

/** Only its controller of NetworkPolicies: it needs no queue in the kernel, but iptables and ipset, which are there. */
function kubeRouter({ cluster, node, parts }: FurnishedNode): Command {
  return [
    parts.programs['kube-router'],
    '--run-firewall=true',
    '--run-router=false',
    '--run-service-proxy=false',
    '--run-loadbalancer=false',
    '--enable-cni=false',
    `--kubeconfig=${NODE_FOLDER}/kube-router.kubeconfig`,
    `--hostname-override=${node.name}`,
    `--service-cluster-ip-range=${cluster.services}`,
    '--health-port=0',
  ];
}
