import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { FaultlineError } from '../model/errors.ts';
import type { Plugin } from './credential-plugin.ts';

/** Fields of a kubeconfig as they stand there: the client drops those that it does not know. */
type ClusterFields = {
  readonly server?: string;
  readonly 'tls-server-name'?: string;
  readonly 'insecure-skip-tls-verify'?: boolean;
  readonly 'certificate-authority-data'?: string;
  readonly 'proxy-url'?: string;
  readonly 'disable-compression'?: boolean;
  readonly extensions?: readonly { readonly name?: string; readonly extension?: unknown }[] | null;
};
type UserFields = {
  readonly token?: string;
  readonly tokenFile?: string;
  readonly exec?: (Plugin & { readonly provideClusterInfo?: boolean }) | null;
  readonly 'auth-provider'?: { readonly name?: string; readonly config?: { readonly exec?: Plugin } | null } | null;
};
/** What belongs to one context. `user` is the name of its user. */
export type ContextFields = { readonly cluster: ClusterFields; readonly user: UserFields; readonly userName?: string };

type Entry<K extends string, V> = { readonly name?: string } & { readonly [key in K]?: V | null };
type Kubeconfig = {
  readonly clusters?: readonly Entry<'cluster', ClusterFields>[];
  readonly users?: readonly Entry<'user', UserFields>[];
  readonly contexts?: readonly Entry<'context', { readonly cluster?: string; readonly user?: string }>[];
};

/** The fields of a context that is there, of a kubeconfig that the client has read. Throws where they cannot be read. */
export function fieldsOf(text: string, context: string): ContextFields {
  const { clusters, users, contexts } = parse(text, { merge: true, strict: false, uniqueKeys: false }) as Kubeconfig;
  const { cluster, user } = contexts?.find(({ name }) => name === context)?.context ?? {};
  return {
    cluster: clusters?.find(({ name }) => name === cluster)?.cluster ?? {},
    user: users?.find(({ name }) => name === user)?.user ?? {},
    ...(user ? { userName: user } : {}),
  };
}

/** Those of a user that kubectl sends and that can be sent by no header of the client's. */
const IMPERSONATION = ['as-uid', 'as-groups', 'as-user-extra'] as const;
/** The only one that both kubectl, since 1.26, and the client know. */
const OIDC = 'oidc';

/**
 * Refuses what kubectl would do for these fields and we would not: requests would be signed in another way, or go another, than people
 * see with kubectl. `where` names cluster and context. Throws TARGET_UNREACHABLE.
 */
export function refuseFields({ cluster, user }: ContextFields, where: string): void {
  const refuse = (what: string, hint: string): never => {
    throw new FaultlineError('TARGET_UNREACHABLE', `${where}: ${what}`, { hint });
  };
  const having = IMPERSONATION.find((field) => field in user);
  if (having !== undefined)
    refuse(
      `its user has ${having}, which faultline cannot send`,
      'Name a user who has the rights himself, or only `as`.',
    );
  const provider = user['auth-provider'];
  if (provider && provider.name !== OIDC && !provider.config?.exec) {
    const hint =
      'oidc is the only one that kubectl 1.26 and later knows; others log in by a credential plugin (users[].user.exec).';
    refuse(
      `its user logs in by the auth-provider ${provider.name ?? 'without a name'}, which faultline does not know`,
      hint,
    );
  }
  if (cluster['tls-server-name'] && /^socks/i.test(cluster['proxy-url'] ?? '')) {
    const hint = 'Name a proxy-url of HTTP, or a server by the name of its certificate.';
    refuse('its cluster has tls-server-name with a proxy-url of SOCKS, which faultline cannot use together', hint);
  }
}

/** Under this name a cluster has what its credential plugins are to be told. */
const FOR_PLUGINS = 'client.authentication.k8s.io/exec';

/** What a credential plugin that asks for it is told of its cluster (client.authentication.k8s.io/v1, Cluster). */
export function aboutCluster(cluster: ClusterFields, caFile: string | undefined): object {
  const { extensions, server } = cluster;
  const ca = cluster['certificate-authority-data'] ?? (caFile && readFileSync(caFile).toString('base64'));
  const told = ['tls-server-name', 'insecure-skip-tls-verify', 'proxy-url', 'disable-compression'] as const;
  return {
    server,
    ...Object.fromEntries(told.flatMap((field) => (field in cluster ? [[field, cluster[field]]] : []))),
    ...(ca ? { 'certificate-authority-data': ca } : {}),
    config: extensions?.find(({ name }) => name === FOR_PLUGINS)?.extension ?? null,
  };
}
