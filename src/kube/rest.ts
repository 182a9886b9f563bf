import { HttpMethod, IsomorphicFetchHttpLibrary, RequestContext } from '@kubernetes/client-node';
import { FaultlineError } from '../model/errors.ts';
import type { Clock } from '../model/ports.ts';
import { withoutUser } from '../model/without-user.ts';
import { type Answer, apiError, unreachable, unsigned } from './api-error.ts';
import { boundedText, MOST_API_BYTES, MOST_PROGRAM_BYTES } from './bounded.ts';
import { Connections, type Use } from './connections.ts';
import { repeatRead } from './repeat.ts';
import { type SigningConfig, signed } from './signing.ts';

/** One request to an API server. `what` names verb and object for error messages. */
type RestRequest = {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  readonly path: string;
  readonly query?: Readonly<Record<string, string | undefined>>;
  readonly body?: unknown;
  readonly contentType?: string;
  /** A POST that changes nothing, and may be repeated as a GET may. */
  readonly asks?: true;
  /** A program behind the API server answers, which may be anything: it gets less time, and less memory. */
  readonly program?: true;
  readonly what: string;
};

/** Longest wait for one answer of an API server, in milliseconds. */
const REQUEST_TIMEOUT_MS = 15_000;
/** The same for a program behind it. */
const PROGRAM_TIMEOUT_MS = 5_000;

/**
 * Talks JSON to one API server with the authentication and transport of `@kubernetes/client-node`. The client's typed
 * methods are not used: they drop fields they do not know, and what is put back must be what was there.
 */
export class Rest {
  /** Its address as people are told it, without a user and a password that the kubeconfig may have in it. */
  readonly server: string;
  readonly #address: string;
  readonly #config: SigningConfig;
  readonly #cluster: string;
  readonly #clock: Clock;
  readonly #http = new IsomorphicFetchHttpLibrary();
  readonly #connections: Connections;
  readonly #closed = new AbortController();
  #isSigned = false;

  /** `config` has the wanted context as its current one. `cluster` is the logical name, for messages. */
  constructor(config: SigningConfig, cluster: string, clock: Clock) {
    const current = config.getCurrentCluster();
    if (current === null) {
      throw new FaultlineError('TARGET_UNREACHABLE', `cluster ${cluster}: the kubeconfig context names no cluster`);
    }
    this.#config = config;
    this.#connections = new Connections(config);
    this.#cluster = cluster;
    this.#clock = clock;
    this.#address = current.server.replace(/\/$/, '');
    this.server = withoutUser(this.#address);
  }

  /**
   * Sends a request once, and once more with other credentials (`signed`); reads are repeated on errors that pass by themselves. Returns the body as text. Reads share
   * kept connections. A write has a connection of its own: on one that turns out to be closed it could be sent again
   * only at the risk of being done twice.
   */
  text(request: RestRequest): Promise<string> {
    const once = (limit?: AbortSignal) => signed(this.#config, () => this.#once(request, limit));
    // A write is permitted for a while only, and not for longer where its credentials have to be renewed.
    return reads(request) ? repeatRead(() => once(), this.#clock, this.#closed.signal) : once(this.#limited(request));
  }

  /** Ends every request that is under way, and refuses those that come later. */
  close(): void {
    this.#closed.abort(new FaultlineError('TARGET_UNREACHABLE', `cluster ${this.#cluster}: it was closed`));
  }

  /** As `text`, parsed: an object, of which nobody has said that it has the fields of T. */
  async json<T extends object>(request: RestRequest): Promise<Partial<T>> {
    return this.parsed<T>(request, await this.text(request));
  }

  /** What `text` has answered, as `json` gives it. */
  parsed<T extends object>(request: Pick<RestRequest, 'what'>, text: string): Partial<T> {
    let answer: unknown;
    try {
      answer = JSON.parse(text);
    } catch (cause) {
      throw this.noAnswer(request, 'not JSON', cause);
    }
    if (typeof answer !== 'object' || answer === null) throw this.noAnswer(request, 'no object');
    return answer as Partial<T>;
  }

  /** A success that answers another question: something on the way that is no API server. What it says of objects is nothing. */
  noAnswer({ what }: Pick<RestRequest, 'what'>, is: string, cause?: unknown): FaultlineError {
    return new FaultlineError('KUBE_API', `cluster ${this.#cluster}: ${what}: the answer is ${is}`, {
      hint: `Is ${this.server} a Kubernetes API server?`,
      cause,
    });
  }

  async #once(request: RestRequest, limit: AbortSignal | undefined): Promise<string> {
    const context = new RequestContext(`${this.#address}${request.path}`, HttpMethod[request.method]);
    for (const [name, value] of Object.entries(request.query ?? {})) {
      if (value !== undefined) context.setQueryParam(name, value);
    }
    context.setHeaderParam('Accept', 'application/json, */*;q=0.8');
    if (request.body !== undefined) {
      context.setHeaderParam('Content-Type', request.contentType ?? 'application/json');
      context.setBody(JSON.stringify(request.body));
    }
    try {
      this.#closed.signal.throwIfAborted();
      const answer = await this.#answer(context, request, limit);
      if (answer.status >= 200 && answer.status < 300) return answer.text;
      throw apiError(this.#cluster, request, unsigned(answer, context.getHeaders().Authorization));
    } catch (error) {
      throw unreachable({ cluster: this.#cluster, server: this.server, what: request.what }, error);
    }
  }

  #limited({ program }: RestRequest): AbortSignal {
    const limit = AbortSignal.timeout(program ? PROGRAM_TIMEOUT_MS : REQUEST_TIMEOUT_MS);
    return AbortSignal.any([limit, this.#closed.signal]);
  }

  async #answer(context: RequestContext, request: RestRequest, limit: AbortSignal | undefined): Promise<Answer> {
    // A person may have to log in first; later, and before each write, whatever it waits for is a part of its time.
    const isFirst = !this.#isSigned && reads(request);
    const signal = isFirst ? this.#closed.signal : (limit ?? this.#limited(request));
    const use = await orAborted(this.#connections.open(context, reads(request) ? 'kept' : 'own'), signal);
    this.#isSigned = true;
    context.setSignal(isFirst ? this.#limited(request) : signal);
    let answered = false;
    try {
      const response = await this.#http.send(context).toPromise();
      const body = response.body.stream();
      const what = `cluster ${this.#cluster}: ${request.what}`;
      const most = request.program ? MOST_PROGRAM_BYTES : MOST_API_BYTES;
      const text = body === null ? '' : await boundedText(body, most, what);
      answered = true;
      return { status: response.httpStatusCode, text, retryAfter: response.headers['retry-after'] };
    } finally {
      use.over(answered);
    }
  }
}

/** A use that comes in time; one that comes later is over at once. Rejects with the reason of the signal. */
async function orAborted(opening: ReturnType<Connections['open']>, signal: AbortSignal): Promise<Use> {
  const late = Promise.withResolvers<never>();
  const giveUp = (): void => late.reject(signal.reason);
  signal.addEventListener('abort', giveUp, { once: true });
  if (signal.aborted) giveUp();
  try {
    return await Promise.race([opening, late.promise]);
  } catch (error) {
    opening.then(
      (use) => use.over(false),
      () => undefined,
    );
    throw error;
  } finally {
    signal.removeEventListener('abort', giveUp);
  }
}

function reads({ method, asks }: RestRequest): boolean {
  return method === 'GET' || asks === true;
}
