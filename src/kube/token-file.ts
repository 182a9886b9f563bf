import { readFile } from 'node:fs/promises';
import { messageOf } from '../model/errors.ts';
import type { Clock } from '../model/ports.ts';
import type { Millis } from '../model/units.ts';
import { CredentialsError } from './credentials-error.ts';
import type { Credential, CredentialSource } from './signing.ts';

/** So long a token that was read is taken for the one of its file (client-go, `transport/token_source.go`). */
const READ_MS: Millis = 60_000;

type TokenFileOptions = {
  readonly file: string;
  /** Logical name of the cluster, for messages. */
  readonly cluster: string;
  readonly clock: Clock;
  /** A token that signs as long as the file has none. */
  readonly token?: string | undefined;
};

/**
 * A file with a token, which somebody else replaces: that of a service account, by the kubelet, or the `tokenFile` of a kubeconfig. Where it
 * cannot be read, the token that was read last goes on signing.
 */
export class TokenFile implements CredentialSource {
  readonly #options: TokenFileOptions;
  known: Credential | undefined;
  #readAt: number | undefined;

  constructor(options: TokenFileOptions) {
    this.#options = options;
    if (options.token !== undefined) this.known = { token: options.token };
  }

  async credential(): Promise<Credential> {
    const { known } = this;
    const isFresh = this.#readAt !== undefined && (this.#options.clock.now() - this.#readAt) / 1000 < READ_MS;
    return known !== undefined && isFresh ? known : this.#read();
  }

  async isRenewed(refused: Credential | undefined): Promise<boolean> {
    if (this.known === refused) await this.#read();
    return this.known?.token !== refused?.token;
  }

  async #read(): Promise<Credential> {
    const { file, cluster, clock } = this.#options;
    try {
      const token = (await readFile(file, 'utf8')).trim();
      if (token === '') throw new Error('it is empty');
      this.#readAt = clock.now();
      this.known = { token };
      return this.known;
    } catch (cause) {
      if (this.known !== undefined) return this.known;
      const what = `cluster ${cluster}: no token can be read from ${file}, which its kubeconfig names: ${messageOf(cause)}`;
      throw new CredentialsError(what, { cause });
    }
  }
}
