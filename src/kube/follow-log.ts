import http, { type IncomingMessage } from 'node:http';
import https, { type RequestOptions } from 'node:https';
import { Lines } from '../model/lines.ts';
import type { Clock } from '../model/ports.ts';
import { apiError, unreachable, unsigned } from './api-error.ts';
import { boundedText, MOST_ERROR_BYTES } from './bounded.ts';
import { connectingAnew } from './opening.ts';
import { repeatRead } from './repeat.ts';
import { type SigningConfig, signed } from './signing.ts';

type LogSource = {
  readonly config: SigningConfig;
  /** Logical name of the cluster, for messages. */
  readonly cluster: string;
  /** Address of the API server, without a slash at its end. */
  readonly server: string;
  readonly path: string;
  readonly container: string;
  /** Names the container in messages. */
  readonly what: string;
  readonly clock: Clock;
};

/** After so much silence the kernel asks whether the other side is still there, in milliseconds. */
const ASK_AFTER_MS = 15_000;

/**
 * Follows a container's log from its beginning, as PodCluster.podLog says. It goes over Node's own HTTP client: the fetch of
 * the Kubernetes client gives up after five minutes of silence, and even the headers may come no sooner than the first line.
 * An API server that dies without a word is noticed by TCP keep-alive. Opening is repeated on errors that pass by themselves;
 * once a byte has come, nothing is. Rejects with KUBE_API, PERMISSION_DENIED or TARGET_UNREACHABLE.
 */
export async function followLog(source: LogSource, onLine: (line: string) => void, signal: AbortSignal): Promise<void> {
  const lines = new Lines();
  const tell = (complete: readonly string[]): void => {
    for (const line of complete) {
      if (signal.aborted) return;
      onLine(line);
    }
  };
  try {
    const response = await repeatRead(() => signed(source.config, () => open(source, signal)), source.clock, signal);
    for await (const piece of piecesOf(response, source)) tell(lines.push(piece));
    tell(lines.end());
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}

async function open(source: LogSource, signal: AbortSignal): Promise<IncomingMessage> {
  const { config, cluster, server, path, container, what } = source;
  const url = new URL(`${server}${path}`);
  url.searchParams.set('container', container);
  url.searchParams.set('follow', 'true');
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  try {
    const options: RequestOptions = { method: 'GET', headers: { accept: '*/*' }, signal };
    await connectingAnew(config).applyToHTTPSOptions(options);
    const request = (url.protocol === 'http:' ? http : https).request(url, options);
    request.setSocketKeepAlive(true, ASK_AFTER_MS);
    request.once('response', resolve);
    request.on('error', reject);
    request.end();
    const response = await promise;
    if (response.statusCode === 200) return response;
    const answer = {
      status: response.statusCode ?? 0,
      retryAfter: response.headers['retry-after'],
      text: await boundedText(response, MOST_ERROR_BYTES, `cluster ${cluster}: open ${what}`),
    };
    const signature = request.getHeader('authorization')?.toString();
    throw apiError(cluster, { method: 'GET', what: `open ${what}` }, unsigned(answer, signature));
  } catch (error) {
    throw unreachable({ cluster, server, what: `open ${what}` }, error);
  }
}

/** As the response itself, but a break in the middle names cluster and pod. */
async function* piecesOf(response: IncomingMessage, { cluster, server, what }: LogSource): AsyncGenerator<Buffer> {
  try {
    for await (const piece of response) yield piece as Buffer;
  } catch (error) {
    throw unreachable({ cluster, server, what: `${what} broke off` }, error);
  }
}
