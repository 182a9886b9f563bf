import { stringify } from 'yaml';
import { IMAGES } from '../parts.ts';
import type { LabCluster, LabNode } from '../topology.ts';

/**
 * Where a node sees its own folder. Its /run is its own, so that this is the true file system below: an overlay such as
 * its /var could not carry the overlays of containers.
 */
export const NODE_FOLDER = '/run/faultline';
export const CONTAINERD_SOCKET = '/run/containerd/containerd.sock';

/** containerd's own settings, config version 3. Lowering `oom_score_adj` is not allowed to every root: containers keep theirs. */
export function containerdConfig(cniFolder: string): string {
  return `version = 3
[grpc]
  address = "${CONTAINERD_SOCKET}"
[plugins."io.containerd.cri.v1.images"]
  snapshotter = "overlayfs"
[plugins."io.containerd.cri.v1.images".pinned_images]
  sandbox = "${IMAGES.pause}"
[plugins."io.containerd.cri.v1.runtime"]
  restrict_oom_score_adj = true
  disable_apparmor = true
[plugins."io.containerd.cri.v1.runtime".cni]
  bin_dirs = ["${cniFolder}"]
[plugins."io.containerd.cri.v1.runtime".containerd]
  default_runtime_name = "runc"
[plugins."io.containerd.cri.v1.runtime".containerd.runtimes.runc]
  runtime_type = "io.containerd.runc.v2"
[plugins."io.containerd.cri.v1.runtime".containerd.runtimes.runc.options]
  SystemdCgroup = false
`;
}

/** A bridge in the node, with an address of the node's own range for every pod and nothing hidden behind the node's. */
export function cniConfig({ pods }: LabNode): string {
  const ipam = { type: 'host-local', ranges: [[{ subnet: pods }]], routes: [{ dst: '0.0.0.0/0' }] };
  return JSON.stringify({
    cniVersion: '1.0.0',
    name: 'lab',
    plugins: [
      { type: 'bridge', bridge: 'cni0', isGateway: true, hairpinMode: true, ipMasq: false, ipam },
      { type: 'portmap', capabilities: { portMappings: true } },
    ],
  });
}

/** KubeletConfiguration. `group` is the cgroup of the node's pods, from the root of every tree. */
export function kubeletConfig(cluster: LabCluster, group: string): string {
  return stringify({
    apiVersion: 'kubelet.config.k8s.io/v1beta1',
    kind: 'KubeletConfiguration',
    authentication: {
      anonymous: { enabled: false },
      webhook: { enabled: false },
      x509: { clientCAFile: `${NODE_FOLDER}/ca.crt` },
    },
    authorization: { mode: 'AlwaysAllow' },
    cgroupDriver: 'cgroupfs',
    cgroupRoot: `/${group}`,
    enforceNodeAllocatable: [],
    failSwapOn: false,
    failCgroupV1: false,
    containerRuntimeEndpoint: `unix://${CONTAINERD_SOCKET}`,
    oomScoreAdj: 0,
    maxOpenFiles: 20_000,
    makeIPTablesUtilChains: false,
    resolvConf: '/etc/resolv.conf',
    clusterDNS: [cluster.dnsService],
    clusterDomain: 'cluster.local',
    imageGCHighThresholdPercent: 100,
    evictionHard: {
      'memory.available': '100Mi',
      'nodefs.available': '0%',
      'nodefs.inodesFree': '0%',
      'imagefs.available': '0%',
    },
    volumeStatsAggPeriod: '0s',
    nodeStatusUpdateFrequency: '4s',
  });
}

/**
 * KubeProxyConfiguration. What comes from outside of the pods' range is masqueraded (`clusterCIDR`): the API server calls
 * webhooks over a node. Connection tracking stays as the machine has it.
 */
export function kubeProxyConfig(cluster: LabCluster, node: LabNode): string {
  return stringify({
    apiVersion: 'kubeproxy.config.k8s.io/v1alpha1',
    kind: 'KubeProxyConfiguration',
    mode: 'iptables',
    clientConnection: { kubeconfig: `${NODE_FOLDER}/kube-proxy.kubeconfig` },
    hostnameOverride: node.name,
    clusterCIDR: cluster.pods,
    oomScoreAdj: 0,
    conntrack: { maxPerCore: 0, min: 0, tcpEstablishedTimeout: '0s', tcpCloseWaitTimeout: '0s' },
    metricsBindAddress: '127.0.0.1:10249',
    healthzBindAddress: '0.0.0.0:10256',
    nodePortAddresses: [`${node.address}/32`],
  });
}

/** Settings of the whole machine that a kubelet would change; a node shows it these values in their place. */
const DECOYS = { 'vm/overcommit_memory': 1, 'vm/panic_on_oom': 0, 'kernel/panic': 10, 'kernel/panic_on_oops': 1 };

/**
 * Shell script that makes a mount namespace a machine of its own: its own name, /etc, /var and /run, so that kubelet and
 * containerd find everything at its usual place and leave nothing behind. `folder` is the node's folder on the machine.
 */
export function furnishScript(cluster: LabCluster, node: LabNode, folder: string): string {
  const at = (name: string) => quoted(`${NODE_FOLDER}/${name}`);
  const overlay = (name: string) =>
    `mount -t overlay overlay -o lowerdir=/${name},upperdir=${at(`${name}/upper`)},workdir=${at(`${name}/work`)} /${name}`;
  return [
    'set -eu',
    `echo ${node.name} >/proc/sys/kernel/hostname`,
    'mount --make-rprivate /',
    'mkdir -p /run',
    'mount -t tmpfs -o mode=755 tmpfs /run',
    `mkdir ${NODE_FOLDER} /run/decoys`,
    // The tmpfs hides nothing of the folder: it lies elsewhere.
    `mount --bind ${quoted(folder)} ${NODE_FOLDER}`,
    `cd ${NODE_FOLDER}; mkdir -p etc/upper etc/work var/upper var/work containerd kubelet`,
    overlay('etc'),
    overlay('var'),
    'mkdir -p /var/lib/containerd /var/lib/kubelet /var/lib/cni /etc/cni/net.d',
    `mount --bind ${at('containerd')} /var/lib/containerd`,
    `mount --bind ${at('kubelet')} /var/lib/kubelet`,
    `cp ${at('lab.conflist')} /etc/cni/net.d/10-lab.conflist`,
    'rm -f /etc/resolv.conf',
    `printf 'nameserver ${cluster.dnsService}\\noptions timeout:1 attempts:1\\n' >/etc/resolv.conf`,
    ...Object.entries(DECOYS).map(([name, value]) => {
      const decoy = `/run/decoys/${name.replace('/', '-')}`;
      return `echo ${value} >${decoy}; mount --bind ${decoy} /proc/sys/${name}`;
    }),
    '',
  ].join('\n');
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
