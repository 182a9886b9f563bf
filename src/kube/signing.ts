import type { RequestOptions } from 'node:https';
import { KubeConfig } from '@kubernetes/client-node';
import { messageOf } from '../model/errors.ts';
import { isUnauthenticated } from '../model/http-status.ts';
import { KubeApiError } from './api-error.ts';

/** What requests are signed with: a token, a certificate of the client, or both. */
export type Credential = {
  readonly token?: string;
  readonly clientCertificateData?: string;
  readonly clientKeyData?: string;
};

/** Where the credentials of a user come from that may be others later: a program, a file. */
export type CredentialSource = {
  /** The one that is valid now, as far as anybody here knows. Rejects with TARGET_UNREACHABLE. */
  credential(): Promise<Credential>;
  /** What `credential` has given last. */
  readonly known: Credential | undefined;
  /** Asks for another one in place of one that a server has not taken; whether there is one. Rejects as `credential` does. */
  isRenewed(refused: Credential | undefined): Promise<boolean>;
};

/** A configuration of the client. `source` is absent where nothing that signs its requests changes while this process lives. */
export class SigningConfig extends KubeConfig {
  source?: CredentialSource;
}

/** Under this name a user of the loaded configuration has his source, so that no authenticator of the client takes him. */
const NAME = 'faultline';

/** Has the current user of a configuration sign by this source, and by nothing else that the client would take for the same. */
export function signBy(config: SigningConfig, source: CredentialSource): void {
  const current = config.getCurrentUser();
  config.source = source;
  config.users = config.users.map((user) => {
    if (user !== current) return user;
    const { token: _, ...other } = user;
    return { ...other, authProvider: { name: NAME } };
  });
  config.addAuthenticator({
    isAuthProvider: ({ authProvider }) => authProvider?.name === NAME,
    applyAuthentication: async (_, options) => sign(options as RequestOptions, await source.credential()),
  });
}

function sign(options: RequestOptions, { token, clientCertificateData: cert, clientKeyData: key }: Credential): void {
  if (cert !== undefined) options.cert = cert;
  if (key !== undefined) options.key = key;
  if (token !== undefined) options.headers = { ...options.headers, Authorization: `Bearer ${token}` };
}

/**
 * Does what is signed by a configuration; once more where it is refused as not authenticated, which does nothing, and there are other
 * credentials by now: a token may be revoked or replaced before the time that was said of it, or without one (client-go
 * does the same: `plugin/pkg/client/auth/exec`, `transport/token_source.go`).
 */
export async function signed<T>({ source }: SigningConfig, act: () => Promise<T>): Promise<T> {
  const before = source?.known;
  try {
    return await act();
  } catch (error) {
    if (source === undefined || !isUnauthenticated(error) || !(await renewed(source, before, error))) throw error;
    return act();
  }
}

/** Rejects with the refusal, and why there are no others, where they cannot be asked for. */
async function renewed(source: CredentialSource, before: Credential | undefined, refusal: unknown): Promise<boolean> {
  try {
    return await source.isRenewed(before);
  } catch (why) {
    if (!(refusal instanceof KubeApiError)) throw why;
    throw new KubeApiError(refusal.code, refusal, `${refusal.message}; ${messageOf(why)}`);
  }
}
