import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type LabCluster, loopbackOf } from '../topology.ts';
import { auditLog, auditPolicy } from './audit.ts';
import {
  apiServerCertificate,
  clusterAuthority,
  issue,
  KUBELET_CLIENT,
  MESH_ROOT,
  meshCertificates,
  meshIntermediate,
  type Pair,
  signingKeys,
} from './certificates.ts';
import type { ControlPlaneFiles } from './control-plane.ts';
import {
  ADMIN,
  CONTROLLER_MANAGER,
  DRILL,
  type Entrance,
  kubeconfig,
  SCHEDULER,
  tokenFile,
  type User,
  usersOf,
} from './users.ts';

/** Everything that proves who is who in a cluster. */
export type ClusterCredentials = {
  readonly files: ControlPlaneFiles;
  /** The way in for a user, from a machine of the lab. */
  entrance(user: User): Entrance;
  /** The ways in from the machine itself, over the balancer: for an administrator, and for drills. */
  readonly outside: { readonly admin: Entrance; readonly drill: Entrance };
  /** Contents of the Secret `cacerts`. */
  readonly mesh: Readonly<Record<string, string>>;
};

const TOKEN_BYTES = 24;

function clustersFolder(lab: string): string {
  return join(lab, 'clusters');
}

/** Makes the keys, certificates and tokens of a cluster, in a folder of its own below that of the lab. */
export async function clusterCredentials(
  cluster: LabCluster,
  lab: string,
  meshRoot: Pair,
): Promise<ClusterCredentials> {
  const folder = join(clustersFolder(lab), cluster.name);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const keys = join(folder, 'keys');
  const authority = await issue(keys, 'ca', clusterAuthority(cluster.name));
  const addresses = ['127.0.0.1', cluster.address, loopbackOf(cluster.address), cluster.kubernetesService];
  const [server, kubeletClient, signing, intermediate] = await Promise.all([
    issue(keys, 'apiserver', { ...apiServerCertificate(addresses), issuer: authority }),
    issue(keys, 'kubelet-client', { ...KUBELET_CLIENT, issuer: authority }),
    signingKeys(keys),
    issue(keys, 'mesh', { ...meshIntermediate(cluster.name), issuer: meshRoot }),
  ]);
  const credentials = usersOf(cluster).map((user) => ({ user, token: randomBytes(TOKEN_BYTES).toString('hex') }));
  const authorityText = readFileSync(authority.cert, 'utf8');
  const entrance = (user: User): Entrance => {
    const token = credentials.find((one) => one.user.name === user.name)?.token ?? '';
    return { cluster: cluster.name, host: cluster.address, authority: authorityText, token };
  };
  const write = (name: string, text: string): string => {
    const path = join(folder, name);
    writeFileSync(path, text, { mode: 0o600 });
    return path;
  };
  const host = loopbackOf(cluster.address);
  return {
    files: {
      folder,
      authority,
      server,
      kubeletClient,
      signing,
      tokens: write('tokens.csv', tokenFile(credentials)),
      audit: { policy: write('audit-policy.yaml', auditPolicy()), log: auditLog(lab, cluster) },
      controllerManager: write('controller-manager.kubeconfig', kubeconfig([entrance(CONTROLLER_MANAGER)])),
      scheduler: write('scheduler.kubeconfig', kubeconfig([entrance(SCHEDULER)])),
    },
    entrance,
    outside: { admin: { ...entrance(ADMIN), host }, drill: { ...entrance(DRILL), host } },
    mesh: meshCertificates(intermediate, meshRoot),
  };
}

/** Makes the root that the meshes of all clusters share. */
export function meshRoot(lab: string): Promise<Pair> {
  const folder = clustersFolder(lab);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  return issue(folder, 'mesh-root', MESH_ROOT);
}
