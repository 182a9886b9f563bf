import { stringify } from 'yaml';
import { API_PORT, type LabCluster } from '../topology.ts';

/** Someone who may call the API server, known by a token. */
export type User = { readonly name: string; readonly groups: readonly string[] };

export const ADMIN: User = { name: 'admin', groups: ['system:masters'] };
export const CONTROLLER_MANAGER: User = { name: 'system:kube-controller-manager', groups: [] };
export const SCHEDULER: User = { name: 'system:kube-scheduler', groups: [] };
/** Who drills with what `plan` lists: it has no rights but those that `faultline lab grant` gives. */
export const DRILL: User = { name: 'drill', groups: [] };
export const KUBE_PROXY: User = { name: 'system:kube-proxy', groups: [] };
export const KUBE_ROUTER: User = { name: 'kube-router', groups: [] };

/**
 * istiod of the other cluster: the service account that Istio's own chart makes and gives the right to read. A token of
 * ours for its name spares the way over a Secret that has to exist first.
 */
export const ISTIO_READER: User = {
  name: 'system:serviceaccount:istio-system:istio-reader-service-account',
  groups: ['system:serviceaccounts', 'system:serviceaccounts:istio-system'],
};

/** The kubelet of a node: NodeRestriction goes by this name. */
export function kubeletUser(node: string): User {
  return { name: `system:node:${node}`, groups: ['system:nodes'] };
}

/** Everyone who calls the API server of a cluster. */
export function usersOf({ nodes }: LabCluster): User[] {
  const kubelets = nodes.map(({ name }) => kubeletUser(name));
  return [ADMIN, DRILL, CONTROLLER_MANAGER, SCHEDULER, KUBE_PROXY, KUBE_ROUTER, ISTIO_READER, ...kubelets];
}

/** A user with the token that proves it. */
type Credentials = { readonly user: User; readonly token: string };

/** File of `--token-auth-file`: token, name, id, groups. */
export function tokenFile(credentials: readonly Credentials[]): string {
  return credentials
    .map(({ user, token }) => `${token},${user.name},${user.name},"${user.groups.join(',')}"\n`)
    .join('');
}

/** Where a kubeconfig leads to. */
export type Entrance = {
  readonly cluster: string;
  readonly host: string;
  /** PEM of the root that has signed the API server's certificate. */
  readonly authority: string;
  readonly token: string;
};

/** A kubeconfig with a context for each entrance, named like its cluster; the first one is current. */
export function kubeconfig(entrances: readonly Entrance[]): string {
  return stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: entrances.map(({ cluster, host, authority }) => ({
      name: cluster,
      cluster: {
        server: `https://${host}:${API_PORT}`,
        'certificate-authority-data': Buffer.from(authority).toString('base64'),
      },
    })),
    users: entrances.map(({ cluster, token }) => ({ name: cluster, user: { token } })),
    contexts: entrances.map(({ cluster }) => ({
      name: cluster,
      context: { cluster, user: cluster, namespace: 'default' },
    })),
    'current-context': entrances[0]?.cluster ?? '',
  });
}
