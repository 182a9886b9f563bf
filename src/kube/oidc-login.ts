import type { RequestOptions } from 'node:https';
import { KubeConfig, type User } from '@kubernetes/client-node';
import type { Clock } from '../model/ports.ts';
import { CredentialsError } from './credentials-error.ts';
import type { Credential, CredentialSource } from './signing.ts';

type OidcOptions = {
  /** Logical name of the cluster, for messages. */
  readonly cluster: string;
  readonly clock: Clock;
  /** Gives a token that is valid now, for which it may ask the provider; undefined where it has none. */
  readonly ask: () => Promise<string | undefined>;
};

/**
 * A user of an OpenID Connect provider. The client has a new token made for every request once it has made one, also for several at once,
 * and a refresh token is good for one use with many providers; and it asks as nobody where it has no token.
 */
export class OidcLogin implements CredentialSource {
  readonly #options: OidcOptions;
  #asking: Promise<Credential> | undefined;
  known: Credential | undefined;

  constructor(options: OidcOptions) {
    this.#options = options;
  }

  async credential(): Promise<Credential> {
    const { known } = this;
    if (known?.token !== undefined && expiryMs(known.token) > this.#options.clock.wall().getTime()) return known;
    this.#asking ??= this.#ask().finally(() => {
      this.#asking = undefined;
    });
    return this.#asking;
  }

  /** Nobody makes another one before the time of this is over; kubectl does not, either. */
  async isRenewed(refused: Credential | undefined): Promise<boolean> {
    return (await this.credential()).token !== refused?.token;
  }

  async #ask(): Promise<Credential> {
    const { ask, cluster } = this.#options;
    const token = await ask();
    if (token === undefined) {
      const what = `cluster ${cluster}: the auth-provider oidc of its kubeconfig has no token that is valid, and cannot have one made`;
      throw new CredentialsError(what, { hint: 'Log in anew, as for kubectl.' });
    }
    this.known = { token };
    return this.known;
  }
}

/** Asks by a client of its own, which looks at the time of the token itself, and puts what is made into the user. */
export async function oidcToken(user: User): Promise<string | undefined> {
  const config = new KubeConfig();
  config.loadFromClusterAndUser({ name: 'c', server: 'https://localhost', skipTLSVerify: false }, user);
  const options: RequestOptions = {};
  await config.applyToHTTPSOptions(options);
  const { Authorization: signature } = options.headers as { readonly Authorization?: string };
  return signature?.replace(/^Bearer /, '');
}

/** The end of a JSON Web Token (RFC 7519, `exp`), in milliseconds; of what is none, its beginning. */
function expiryMs(token: string): number {
  try {
    const { exp } = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString('utf8')) as {
      exp?: number;
    };
    return (exp ?? 0) * 1000;
  } catch {
    return 0;
  }
}
