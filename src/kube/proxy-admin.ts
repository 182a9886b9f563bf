import { Agent, type ClientRequest, type ClientRequestArgs, type IncomingMessage, request } from 'node:http';
import type { Duplex } from 'node:stream';
import { firstWords } from '../model/credentials.ts';
import { FaultlineError, messageOf } from '../model/errors.ts';
import type { PodRef } from '../model/kubernetes.ts';
import type { ProxyAdmin } from '../model/ports.ts';
import { PROXY_CONTAINER } from '../model/proxy-container.ts';
import { visibleLine } from '../model/visible.ts';
import { KubeApiError } from './api-error.ts';
import { boundedText, MOST_PROGRAM_BYTES } from './bounded.ts';
import { execIn } from './exec.ts';
import { forwardPort } from './port-forward.ts';
import type { SigningConfig } from './signing.ts';

/** Envoy's admin port in Istio's proxies; it listens on the pod's loopback only. */
const ADMIN_PORT = 15_000;
/** Longest wait for one answer, in milliseconds. */
const ANSWER_TIMEOUT_MS = 5_000;
/** What an API server, or something on the way, says that forwards no port for this user: no upgrade, forbidden, not there. */
const CANNOT_FORWARD: readonly number[] = [200, 400, 403, 405, 426, 501];

type Source = { readonly config: SigningConfig; readonly cluster: string; readonly server: string };
type Connected = (error: Error | null, stream: Duplex) => void;

/** Keeps one forwarded connection for requests one after the other, and opens another when it has broken. */
class ForwardAgent extends Agent {
  readonly #open: () => Promise<Duplex>;

  constructor(open: () => Promise<Duplex>) {
    super({ keepAlive: true, maxSockets: 1 });
    this.#open = open;
  }

  override createConnection(_: ClientRequestArgs, connected?: Connected): undefined {
    this.#open().then(
      (stream) => connected?.(null, stream),
      (error: Error) => (connected as ((error: Error) => void) | undefined)?.(error),
    );
  }

  /** It is no socket: there is nothing to set. */
  override keepSocketAlive(): boolean {
    return true;
  }

  override reuseSocket(stream: Duplex, sent: ClientRequest): void {
    super.reuseSocket(Object.assign(stream, { ref: () => undefined }), sent);
  }
}

/**
 * Reads the admin port of a pod's proxy, as Cluster.proxyAdmin says: over a kept port-forward, or, where that is refused
 * or not to be had, with `pilot-agent request` in the proxy's container, a process for each request.
 */
export function proxyAdmin(source: Source, where: PodRef, signal: AbortSignal): ProxyAdmin {
  const { config, cluster } = source;
  let refused: string | undefined;
  const agent = new ForwardAgent(async () => {
    signal.throwIfAborted();
    const stream = await forwardPort(config, cluster, where, ADMIN_PORT);
    if (signal.aborted) stream.destroy();
    return stream;
  });
  signal.addEventListener('abort', () => agent.destroy(), { once: true });

  const forwarded = async (path: string): Promise<string> => {
    const what = `cluster ${cluster}: read port ${ADMIN_PORT} of pod ${where.namespace}/${where.pod} by port-forward`;
    const asked = { agent, path, what, signal: AbortSignal.any([signal, AbortSignal.timeout(ANSWER_TIMEOUT_MS)]) };
    try {
      return await ask(asked);
    } catch (error) {
      if (error instanceof BrokenOnReuse && !asked.signal.aborted) return ask(asked);
      throw error;
    }
  };

  return {
    get: async (path) => {
      if (refused === undefined) {
        try {
          return await forwarded(path);
        } catch (error) {
          if (!(error instanceof KubeApiError && CANNOT_FORWARD.includes(error.status))) throw error;
          refused = error.message;
        }
      }
      return execAsk(source, where, path, refused);
    },
  };
}

/** A kept connection may have been closed by the other side when the request goes out; a read may be sent again. */
class BrokenOnReuse extends FaultlineError {}

type Asked = { readonly agent: Agent; readonly path: string; readonly what: string; readonly signal: AbortSignal };

async function ask({ agent, path, what, signal }: Asked): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  const sent = request({ agent, host: 'localhost', path, signal, headers: { accept: '*/*' } });
  sent.once('response', resolve).on('error', reject).end();
  let answered = false;
  try {
    const response = await promise;
    answered = true;
    const text = await boundedText(response, MOST_PROGRAM_BYTES, what);
    if (response.statusCode === 200) return text;
    throw new FaultlineError('KUBE_API', `${what}: ${response.statusCode} ${visibleLine(text.slice(0, 200))}`);
  } catch (error) {
    sent.destroy();
    if (error instanceof FaultlineError) throw error;
    const late = signal.aborted ? `no whole answer within ${ANSWER_TIMEOUT_MS / 1000} s` : messageOf(error);
    const isStale = sent.reusedSocket && !answered;
    throw new (isStale ? BrokenOnReuse : FaultlineError)('TARGET_UNREACHABLE', `${what}: ${late}`, { cause: error });
  }
}

/** pilot-agent's own log goes to its standard output as well, before the answer: lines that begin with a time. */
const LOG_LINES = /^(?:\d{4}-\d{2}-\d{2}T[^\n]*\n)+/;

/** What pilot-agent answers, without what it logs. */
export function withoutLog(stdout: string): string {
  return stdout.replace(LOG_LINES, '');
}

async function execAsk(source: Source, where: PodRef, path: string, refused: string): Promise<string> {
  const command = ['pilot-agent', 'request', 'GET', path.replace(/^\//, '')];
  try {
    const { code, stdout, stderr } = await execIn(source, { ...where, container: PROXY_CONTAINER }, command);
    if (code === 0) return withoutLog(stdout);
    const what = `cluster ${source.cluster}: pilot-agent in pod ${where.namespace}/${where.pod}`;
    throw new FaultlineError('KUBE_API', `${what} ended with ${code}: ${visibleLine(firstWords(stderr))}`);
  } catch (error) {
    if (!(error instanceof FaultlineError)) throw error;
    const { hint, code } = error;
    throw new FaultlineError(code, `${refused}; ${error.message}`, {
      ...(hint === undefined ? {} : { hint }),
      cause: error,
    });
  }
}
