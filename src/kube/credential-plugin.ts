import type { RequestOptions } from 'node:https';
import { basename } from 'node:path';
import type { KubeConfig, User } from '@kubernetes/client-node';
import { firstWords } from '../model/credentials.ts';
import { FaultlineError } from '../model/errors.ts';
import type { Clock } from '../model/ports.ts';
import { isSecretHeader, redactor, tracesOf } from '../model/redact.ts';
import type { Millis } from '../model/units.ts';
import { type PluginEnd, type PluginProgram, runPlugin } from './plugin-program.ts';

/** What a kubeconfig says of a program that makes credentials (client.authentication.k8s.io, `users[].user.exec`). */
type Plugin = {
  readonly command?: string;
  readonly args?: readonly string[] | null;
  readonly env?: readonly { readonly name: string; readonly value: string }[] | null;
  /** Whether it may ask a person: IfAvailable where this is absent, as in old versions of that API. */
  readonly interactiveMode?: 'Never' | 'IfAvailable' | 'Always';
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
/** Longest run of one, in milliseconds. */
const PLUGIN_MS: Millis = 30_000;
/** The same for one that may ask a person at a terminal to log in, as long as it has not given a credential yet. */
const LOGIN_MS: Millis = 300_000;
/** Values of variables that are shorter are words. */
const SHORTEST = 8;

/** The plugins of one kubeconfig. `end` ends those that run for it alone, and none is run for it after that. */
type Plugins = { end(): void };

/**
 * Has the users of a configuration run their credential plugins by us. The client fails with all that such a program has said on
 * stderr, which may be tokens, tells neither its name nor its exit code, and waits for it without end.
 */
export function takePlugins(config: KubeConfig, cluster: string, clock: Clock): Plugins {
  const plugins = new CredentialPlugins(cluster, clock);
  config.addAuthenticator(plugins);
  config.users = config.users.map(({ exec, ...user }) => {
    const plugin: unknown = exec ?? user.authProvider?.config?.exec;
    return plugin === undefined ? user : { ...user, authProvider: { name: NAME, config: { plugin } } };
  });
  return plugins;
}

type Authenticator = Parameters<KubeConfig['addAuthenticator']>[0];

class CredentialPlugins implements Authenticator, Plugins {
  readonly #cluster: string;
  readonly #clock: Clock;
  readonly #ended = new AbortController();
  /** By user. */
  readonly #known = new Map<string, Credential>();

  constructor(cluster: string, clock: Clock) {
    this.#cluster = cluster;
    this.#clock = clock;
  }

  end(): void {
    this.#ended.abort();
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
    const known = this.#known.get(user);
    if (known !== undefined && !this.#isOver(known)) return known;
    const { command = '', args, env, interactiveMode } = plugin;
    const variables = { ...process.env, ...Object.fromEntries((env ?? []).map(({ name, value }) => [name, value])) };
    const asks = interactiveMode !== 'Never' && known === undefined && isTerminal();
    const program = { command, args: args ?? [], env: variables, asks, limit: asks ? LOGIN_MS : PLUGIN_MS };
    const end = await shared(program, this.#ended.signal);
    const what = `cluster ${this.#cluster}: the credential plugin ${basename(command)} of its kubeconfig`;
    if (!('code' in end) || end.code !== 0) throw failed(`${what} ${endOf(end, program)}${wordsOf(end, variables)}`);
    const credential = credentialIn(end.stdout);
    if (credential === undefined) throw failed(`${what} answers no ExecCredential`);
    this.#known.set(user, credential);
    return credential;
  }

  #isOver({ expirationTimestamp }: Credential): boolean {
    return expirationTimestamp !== undefined && Date.parse(expirationTimestamp) <= this.#clock.wall().getTime();
  }
}

/** Whether a person can read what a program says, and answer. */
function isTerminal(): boolean {
  return process.stdin.isTTY === true && process.stderr.isTTY === true;
}

/** A program that runs, and for how many it does. */
type Running = { readonly end: Promise<PluginEnd>; readonly ended: AbortController; waiting: number };

/** By what is run: requests to several clusters with one user wait for one program, and a person logs in once. */
const RUNNING = new Map<string, Running>();

/** How a run of this program ends, one for all that ask at once; it is ended when all of them were told to end. */
async function shared(program: PluginProgram, signal: AbortSignal): Promise<PluginEnd> {
  if (signal.aborted) return { stdout: '', stderr: '', late: true };
  const { command, args, env } = program;
  const key = JSON.stringify([command, args, env]);
  const running = RUNNING.get(key) ?? begin(key, program);
  const told = Promise.withResolvers<PluginEnd>();
  const leave = (): void => {
    told.resolve({ stdout: '', stderr: '', late: true });
    running.waiting -= 1;
    if (running.waiting === 0) running.ended.abort();
  };
  running.waiting += 1;
  signal.addEventListener('abort', leave, { once: true });
  return Promise.race([running.end, told.promise]).finally(() => signal.removeEventListener('abort', leave));
}

function begin(key: string, program: PluginProgram): Running {
  const ended = new AbortController();
  const end = runPlugin(program, ended.signal).finally(() => RUNNING.delete(key));
  const running = { end, ended, waiting: 0 };
  RUNNING.set(key, running);
  return running;
}

function failed(message: string): FaultlineError {
  const hint = 'The same program is run by kubectl: it shows all that it says.';
  return new FaultlineError('TARGET_UNREACHABLE', message, { hint });
}

function endOf(end: PluginEnd, { limit }: PluginProgram): string {
  if ('absent' in end) return 'is not there';
  if ('late' in end) return `had not ended after ${limit / 1000} s, or when it was given up, and was ended`;
  return 'by' in end ? `was ended by ${end.by}` : `ended with exit code ${end.code}`;
}

/** What it has said for people, without the secrets that it was given. */
function wordsOf({ stderr }: PluginEnd, variables: NodeJS.ProcessEnv): string {
  const given = Object.entries(variables).flatMap(([name, value = '']) =>
    isSecretHeader(name) && value.length >= SHORTEST ? tracesOf(value) : [],
  );
  const words = firstWords(redactor(given)(stderr));
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
