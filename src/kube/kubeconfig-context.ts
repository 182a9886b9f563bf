import { dirname, isAbsolute, resolve, sep } from 'node:path';
import type { Cluster, User } from '@kubernetes/client-node';
import { FaultlineError } from '../model/errors.ts';
import type { Clock } from '../model/ports.ts';
import { CredentialPlugin } from './credential-plugin.ts';
import { aboutCluster, type ContextFields } from './kubeconfig-fields.ts';
import { OidcLogin, oidcToken } from './oidc-login.ts';
import { type SigningConfig, signBy } from './signing.ts';
import { TokenFile } from './token-file.ts';

type Where = {
  /** Logical name of the cluster, for messages. */
  readonly cluster: string;
  readonly kubeconfig: string;
  readonly clock: Clock;
};

/** The user of a context that names none, by a name that no file has: without one the client leaves out what it is to check the server with. */
const NOBODY = '';
/** The one way to log in that the client may do by itself. */
const OIDC = 'oidc';

/**
 * Has the client do by the current context of its configuration what kubectl does: what it reads in another way, or not at all, is put right.
 * Returns what ends the programs that it runs. Throws NAME_UNKNOWN where the context names a user whom the file does not have.
 */
export function takeFields(config: SigningConfig, fields: ContextFields, where: Where): () => void {
  const { cluster, kubeconfig, clock } = where;
  config.clusters = config.getClusters().map(asKubectl);
  config.users = config.getUsers().map(userAsKubectl);
  takeUser(config, fields, where);
  const { exec, tokenFile, token } = fields.user;
  const beside = (file: string): string => resolve(dirname(kubeconfig), file);
  const plugin = exec ?? fields.user['auth-provider']?.config?.exec;
  // A token that stands in the file itself is taken before that of a plugin, and after that of its own file.
  if (tokenFile) signBy(config, new TokenFile({ file: beside(tokenFile), cluster, clock, token: token || undefined }));
  const user = config.getCurrentUser();
  if (!tokenFile && !token && !plugin && user?.authProvider?.name === OIDC)
    signBy(config, new OidcLogin({ cluster, clock, ask: () => oidcToken(user) }));
  if (tokenFile || token || !plugin) return () => undefined;
  // One without a folder is looked for in PATH.
  const { command = '' } = plugin;
  const own = command.includes(sep) && !isAbsolute(command) ? { ...plugin, command: beside(command) } : plugin;
  const caFile = config.getCurrentCluster()?.caFile;
  const about = exec?.provideClusterInfo ? () => aboutCluster(fields.cluster, caFile) : undefined;
  const source = new CredentialPlugin({ plugin: own, about, cluster, clock });
  signBy(config, source);
  return () => source.end();
}

/** Data goes before a file; the client's watches put the path behind the server as it is. */
function asKubectl({ caFile, ...cluster }: Cluster): Cluster {
  const file = cluster.caData || !caFile ? {} : { caFile };
  return { ...cluster, ...file, server: cluster.server.replace(/\/+$/, '') };
}

function userAsKubectl({ certFile, keyFile, impersonateUser, exec: _, authProvider, ...user }: User): User {
  return {
    ...user,
    ...(authProvider?.name === OIDC ? { authProvider } : {}),
    ...(user.certData || !certFile ? {} : { certFile }),
    ...(user.keyData || !keyFile ? {} : { keyFile }),
    ...(impersonateUser ? { impersonateUser } : {}),
  };
}

function takeUser(config: SigningConfig, { userName }: ContextFields, { cluster, kubeconfig }: Where): void {
  if (config.getCurrentUser() !== null) return;
  if (userName !== undefined) {
    const what = `cluster ${cluster}: context ${config.getCurrentContext()} in ${kubeconfig} names the user ${userName}`;
    throw new FaultlineError('NAME_UNKNOWN', `${what}, whom that file does not have`);
  }
  config.users = [...config.users, { name: NOBODY }];
  config.contexts = config.contexts.map((one) =>
    one.name === config.getCurrentContext() ? { ...one, user: NOBODY } : one,
  );
}
