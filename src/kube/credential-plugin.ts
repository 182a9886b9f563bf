import { basename } from 'node:path';
import { firstWords } from '../model/credentials.ts';
import type { Clock } from '../model/ports.ts';
import { isSecretHeader, redactor, tracesOf } from '../model/redact.ts';
import type { Millis } from '../model/units.ts';
import { CredentialsError } from './credentials-error.ts';
import { type PluginEnd, type PluginProgram, runPlugin } from './plugin-program.ts';
import type { Credential, CredentialSource } from './signing.ts';

/** What a kubeconfig says of a program that makes credentials (client.authentication.k8s.io, `users[].user.exec`). */
export type Plugin = {
  readonly apiVersion?: string;
  readonly command?: string;
  readonly args?: readonly string[] | null;
  readonly env?: readonly { readonly name: string; readonly value: string }[] | null;
  /** Whether it may ask a person: IfAvailable where this is absent, as in old versions of that API. */
  readonly interactiveMode?: 'Never' | 'IfAvailable' | 'Always';
  /** What is told to people where the program is not there. */
  readonly installHint?: string;
};
/** What it answers: the status of an ExecCredential. */
type Answered = Credential & { readonly expirationTimestamp?: string };

/** Longest run of one, in milliseconds. */
const PLUGIN_MS: Millis = 30_000;
/** The same for one that may ask a person at a terminal to log in, as long as it has not given a credential yet. */
const LOGIN_MS: Millis = 300_000;
/** Values of variables that are shorter are words. */
const SHORTEST = 8;

type PluginOptions = {
  readonly plugin: Plugin;
  /** What the program is told of its cluster, where it asks for that (`provideClusterInfo`). */
  readonly about?: (() => object) | undefined;
  /** Logical name of the cluster, for messages. */
  readonly cluster: string;
  readonly clock: Clock;
};

/**
 * The credential plugin of a user, run by us. The client fails with all that such a program has said on stderr, which may be tokens, tells
 * neither its name nor its exit code, waits for it without end, and keeps what it gave whatever the server says to that.
 */
export class CredentialPlugin implements CredentialSource {
  readonly #options: PluginOptions;
  readonly #ended = new AbortController();
  known: Answered | undefined;

  constructor(options: PluginOptions) {
    this.#options = options;
  }

  /** Ends it where it runs for this one alone; it is not run after that. */
  end(): void {
    this.#ended.abort();
  }

  async credential(): Promise<Credential> {
    const { known } = this;
    return known !== undefined && !this.#isOver(known) ? known : this.#run();
  }

  async isRenewed(refused: Credential | undefined): Promise<boolean> {
    if (this.known === refused) await this.#run();
    return SIGNING.some((part) => this.known?.[part] !== refused?.[part]);
  }

  async #run(): Promise<Credential> {
    const { plugin, about, cluster } = this.#options;
    const { command = '', args, env, interactiveMode, apiVersion } = plugin;
    const asks = interactiveMode !== 'Never' && this.known === undefined && isTerminal();
    const variables = {
      ...process.env,
      KUBERNETES_EXEC_INFO: JSON.stringify({
        ...{ apiVersion, kind: 'ExecCredential' },
        spec: { ...(about === undefined ? {} : { cluster: about() }), interactive: asks },
      }),
      ...Object.fromEntries((env ?? []).map(({ name, value }) => [name, value])),
    };
    const program = { command, args: args ?? [], env: variables, asks, limit: asks ? LOGIN_MS : PLUGIN_MS };
    const end = await shared(program, this.#ended.signal);
    const what = `cluster ${cluster}: the credential plugin ${basename(command)} of its kubeconfig`;
    if (!('code' in end) || end.code !== 0)
      throw failed(`${what} ${endOf(end, program)}${wordsOf(end, variables)}`, 'absent' in end ? plugin : {});
    const credential = credentialIn(end.stdout);
    if (credential === undefined) throw failed(`${what} answers no ExecCredential`);
    this.known = credential;
    return credential;
  }

  #isOver({ expirationTimestamp }: Answered): boolean {
    return expirationTimestamp !== undefined && Date.parse(expirationTimestamp) <= this.#options.clock.wall().getTime();
  }
}

/** What of a credential signs. */
const SIGNING = ['token', 'clientCertificateData', 'clientKeyData'] as const;

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

function failed(message: string, { installHint }: Plugin = {}): CredentialsError {
  const hint = installHint ?? 'The same program is run by kubectl: it shows all that it says.';
  return new CredentialsError(message, { hint });
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
function credentialIn(said: string): Answered | undefined {
  try {
    const { status } = JSON.parse(said) as { status?: Answered | null };
    return status ?? undefined;
  } catch {
    return undefined;
  }
}
