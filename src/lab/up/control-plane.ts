import { join } from 'node:path';
import type { LabParts } from '../parts.ts';
import { API_PORT, type LabCluster, namespaceOf } from '../topology.ts';
import type { Pair } from './certificates.ts';
import type { Daemon } from './daemon.ts';
import { inNamespace } from './network.ts';

/** Files that a control plane is started with. */
export type ControlPlaneFiles = {
  /** Where etcd and the others keep what is theirs. */
  readonly folder: string;
  readonly authority: Pair;
  readonly server: Pair;
  readonly kubeletClient: Pair;
  readonly signing: { readonly key: string; readonly pub: string };
  readonly tokens: string;
  readonly audit: { readonly policy: string; readonly log: string };
  readonly controllerManager: string;
  readonly scheduler: string;
};

type Programs = LabParts['programs'];

/** Cgroup of a cluster's control plane. */
function groupOf(cluster: LabCluster): string {
  return `${cluster.name}/control-plane`;
}

/** etcd of a cluster. What it holds does not outlive the lab, so that it need not wait for the disk. */
export function etcd(cluster: LabCluster, programs: Programs, { folder }: ControlPlaneFiles): Daemon {
  const client = 'http://127.0.0.1:2379';
  const peer = 'http://127.0.0.1:2380';
  return daemon(cluster, 'etcd', [
    programs.etcd,
    `--name=${cluster.name}`,
    `--data-dir=${join(folder, 'etcd')}`,
    '--unsafe-no-fsync',
    `--listen-client-urls=${client}`,
    `--advertise-client-urls=${client}`,
    `--listen-peer-urls=${peer}`,
    `--initial-advertise-peer-urls=${peer}`,
    `--initial-cluster=${cluster.name}=${peer}`,
    '--log-level=warn',
  ]);
}

const ISSUER = 'https://kubernetes.default.svc.cluster.local';

/** The API server. Its audiences hold `istio-ca`: without it no sidecar gets a certificate. */
export function apiServer(cluster: LabCluster, programs: Programs, files: ControlPlaneFiles): Daemon {
  return daemon(cluster, 'kube-apiserver', [
    programs['kube-apiserver'],
    '--etcd-servers=http://127.0.0.1:2379',
    '--bind-address=0.0.0.0',
    `--secure-port=${API_PORT}`,
    `--advertise-address=${cluster.address}`,
    `--service-cluster-ip-range=${cluster.services}`,
    `--tls-cert-file=${files.server.cert}`,
    `--tls-private-key-file=${files.server.key}`,
    `--client-ca-file=${files.authority.cert}`,
    `--token-auth-file=${files.tokens}`,
    `--audit-policy-file=${files.audit.policy}`,
    `--audit-log-path=${files.audit.log}`,
    '--authorization-mode=Node,RBAC',
    '--enable-admission-plugins=NodeRestriction',
    '--allow-privileged=true',
    '--profiling=false',
    `--cert-dir=${join(files.folder, 'apiserver')}`,
    `--service-account-issuer=${ISSUER}`,
    `--api-audiences=${ISSUER},istio-ca`,
    `--service-account-key-file=${files.signing.pub}`,
    `--service-account-signing-key-file=${files.signing.key}`,
    // Logs, exec and the pod proxy go to nodes by address: no name server knows their names.
    '--kubelet-preferred-address-types=InternalIP',
    `--kubelet-client-certificate=${files.kubeletClient.cert}`,
    `--kubelet-client-key=${files.kubeletClient.key}`,
  ]);
}

export function controllerManager(cluster: LabCluster, programs: Programs, files: ControlPlaneFiles): Daemon {
  const { folder, authority, signing } = files;
  return daemon(cluster, 'kube-controller-manager', [
    programs['kube-controller-manager'],
    ...loneController(files.controllerManager, join(folder, 'controller-manager')),
    '--use-service-account-credentials',
    `--service-account-private-key-file=${signing.key}`,
    `--root-ca-file=${authority.cert}`,
    `--cluster-signing-cert-file=${authority.cert}`,
    `--cluster-signing-key-file=${authority.key}`,
    '--allocate-node-cidrs=false',
    `--cluster-cidr=${cluster.pods}`,
    `--service-cluster-ip-range=${cluster.services}`,
  ]);
}

export function scheduler(cluster: LabCluster, programs: Programs, files: ControlPlaneFiles): Daemon {
  return daemon(cluster, 'kube-scheduler', [
    programs['kube-scheduler'],
    ...loneController(files.scheduler, join(files.folder, 'scheduler')),
  ]);
}

function loneController(config: string, folder: string): string[] {
  const configs = ['kubeconfig', 'authentication-kubeconfig', 'authorization-kubeconfig'];
  return [
    ...configs.map((flag) => `--${flag}=${config}`),
    '--bind-address=127.0.0.1',
    '--leader-elect=false',
    `--cert-dir=${folder}`,
  ];
}

function daemon(cluster: LabCluster, name: string, command: [string, ...string[]]): Daemon {
  return {
    name: `${cluster.name}-${name}`,
    group: groupOf(cluster),
    command: inNamespace(namespaceOf(cluster.name), command),
  };
}
