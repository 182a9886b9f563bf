import { execFile } from 'node:child_process';
import type { RequestOptions } from 'node:https';
import { basename } from 'node:path';
import { promisify } from 'node:util';
import type { KubeConfig, User } from '@kubernetes/client-node';
import { firstWords } from '../model/credentials.ts';
import { FaultlineError } from '../model/errors.ts';
import type { Clock } from '../model/ports.ts';
import { isSecretHeader, redactor, tracesOf } from '../model/redact.ts';

/** What a kubeconfig says of a program that makes credentials (client.authentication.k8s.io, `users[].user.exec`). */
type Plugin = {
  readonly command?: string;
  readonly args?: readonly string[] | null;
  readonly env?: readonly { readonly name: string; readonly value: string }[] | null;
};
/** What it answers: an ExecCredential. */
type Credential = {
  readonly token?: string;
  readonly clientCertificateData?: string;
  readonly clientKeyData?: string;
  readonly expirationTimestamp?: string;
};

/** Under this name a user of the loaded configuration has his plugin, so that no authenticator of the client takes him. */
const NAME = 'faultline-exec';
const MOST_BYTES = 1_048_576;
/** Values of variables that are shorter are words. */
const SHORTEST = 8;

/**
 * Has the users of a configuration run their credential plugins by us. The client fails with all that such a program has said on
 * stderr, which may be tokens, and tells neither its name nor its exit code.
 */
export function takePlugins(config: KubeConfig, cluster: string, clock: Clock): void {
  config.addAuthenticator(new CredentialPlugins(cluster, clock));
  config.users = config.users.map(({ exec, ...user }) => {
    const plugin: unknown = exec ?? user.authProvider?.config?.exec;
    return plugin === undefined ? user : { ...user, authProvider: { name: NAME, config: { plugin } } };
  });
}

type Authenticator = Parameters<KubeConfig['addAuthenticator']>[0];

class CredentialPlugins implements Authenticator {
  readonly #cluster: string;
  readonly #clock: Clock;
  /** By user; those that ask at once share one run. */
  readonly #known = new Map<string, Promise<Credential>>();

  constructor(cluster: string, clock: Clock) {
    this.#cluster = cluster;
    this.#clock = clock;
  }

  isAuthProvider({ authProvider }: User): boolean {
    return authProvider?.name === NAME;
  }

  async applyAuthentication({ name, authProvider }: User, options: RequestOptions): Promise<void> {
    const { plugin = {} } = (authProvider?.config ?? {}) as { plugin?: Plugin };
    const { token, clientCertificateData: cert, clientKeyData: key } = await this.#credential(name, plugin);
    if (cert !== undefined) options.cert = cert;
    if (key !== undefined) options.key = key;
    if (token !== undefined) options.headers = { ...options.headers, Authorization: `Bearer ${token}` };
  }

  async #credential(user: string, plugin: Plugin): Promise<Credential> {
    const known = await this.#known.get(user)?.catch(() => undefined);
    if (known !== undefined && !this.#isOver(known)) return known;
    const asked = this.#run(plugin);
    this.#known.set(user, asked);
    return asked;
  }

  #isOver({ expirationTimestamp }: Credential): boolean {
    return expirationTimestamp !== undefined && Date.parse(expirationTimestamp) <= this.#clock.wall().getTime();
  }

  async #run({ command = '', args, env }: Plugin): Promise<Credential> {
    const variables = { ...process.env, ...Object.fromEntries((env ?? []).map(({ name, value }) => [name, value])) };
    const what = `cluster ${this.#cluster}: the credential plugin ${basename(command)} of its kubeconfig`;
    let said: string;
    try {
      said = (await promisify(execFile)(command, args ?? [], { env: variables, maxBuffer: MOST_BYTES })).stdout;
    } catch (error) {
      throw failed(`${what} ${endOf(error)}${wordsOf(error, variables)}`);
    }
    return credentialIn(said) ?? Promise.reject(failed(`${what} answers no ExecCredential`));
  }
}

function failed(message: string): FaultlineError {
  const hint = 'The same program is run by kubectl: it shows all that it says.';
  return new FaultlineError('TARGET_UNREACHABLE', message, { hint });
}

/** The message of a failed program has its arguments in it, and all that it has said. */
function endOf(error: unknown): string {
  const { code, signal } = error as { code?: unknown; signal?: unknown };
  if (typeof code === 'number') return `ended with exit code ${code}`;
  if (code === 'ENOENT') return 'is not there';
  return typeof signal === 'string' ? `was ended by ${signal}` : `cannot be run (${String(code)})`;
}

/** What it has said for people, without the secrets that it was given. */
function wordsOf(error: unknown, variables: NodeJS.ProcessEnv): string {
  const { stderr } = error as { stderr?: unknown };
  const given = Object.entries(variables).flatMap(([name, value = '']) =>
    isSecretHeader(name) && value.length >= SHORTEST ? tracesOf(value) : [],
  );
  const words = typeof stderr === 'string' ? firstWords(redactor(given)(stderr)) : '';
  return words === '' ? '' : `, and said: ${words}`;
}

/** Undefined for anything else: an error of the parser would quote it. */
function credentialIn(said: string): Credential | undefined {
  try {
    const { status } = JSON.parse(said) as { status?: Credential | null };
    return status ?? undefined;
  } catch {
    return undefined;
  }
}
