import { HttpMethod, IsomorphicFetchHttpLibrary, type KubeConfig, RequestContext } from '@kubernetes/client-node';
import { FaultlineError } from '../model/errors.ts';
import { apiError, unreachable } from './api-error.ts';
import { repeatRead } from './repeat.ts';

/** One request to an API server. `what` names verb and object for error messages. */
export type RestRequest = {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  readonly path: string;
  readonly query?: Readonly<Record<string, string | undefined>>;
  readonly body?: unknown;
  readonly contentType?: string;
  readonly what: string;
};

/** Longest wait for one answer of an API server, in milliseconds. */
const REQUEST_TIMEOUT_MS = 15_000;

/**
 * Talks JSON to one API server with the authentication and transport of `@kubernetes/client-node`. The client's typed
 * methods are not used: they drop fields they do not know, and what is put back must be what was there.
 */
export class Rest {
  readonly server: string;
  readonly #config: KubeConfig;
  readonly #cluster: string;
  readonly #http = new IsomorphicFetchHttpLibrary();

  /** `config` has the wanted context as its current one. `cluster` is the logical name, for messages. */
  constructor(config: KubeConfig, cluster: string) {
    const current = config.getCurrentCluster();
    if (current === null) {
      throw new FaultlineError('TARGET_UNREACHABLE', `cluster ${cluster}: the kubeconfig context names no cluster`);
    }
    this.#config = config;
    this.#cluster = cluster;
    this.server = current.server.replace(/\/$/, '');
  }

  /** Sends a request once; reads are repeated on errors that pass by themselves. Returns the body as text. */
  text(request: RestRequest): Promise<string> {
    return request.method === 'GET' ? repeatRead(() => this.#once(request)) : this.#once(request);
  }

  /** As `text`, parsed. */
  async json<T>(request: RestRequest): Promise<T> {
    const text = await this.text(request);
    try {
      return JSON.parse(text) as T;
    } catch (cause) {
      throw new FaultlineError('KUBE_API', `cluster ${this.#cluster}: ${request.what}: the answer is not JSON`, {
        hint: `Is ${this.server} a Kubernetes API server?`,
        cause,
      });
    }
  }

  async #once(request: RestRequest): Promise<string> {
    const context = new RequestContext(`${this.server}${request.path}`, HttpMethod[request.method]);
    for (const [name, value] of Object.entries(request.query ?? {})) {
      if (value !== undefined) context.setQueryParam(name, value);
    }
    context.setHeaderParam('Accept', 'application/json, */*;q=0.8');
    if (request.body !== undefined) {
      context.setHeaderParam('Content-Type', request.contentType ?? 'application/json');
      context.setBody(JSON.stringify(request.body));
    }
    context.setSignal(AbortSignal.timeout(REQUEST_TIMEOUT_MS));
    try {
      await this.#config.applySecurityAuthentication(context);
      const response = await this.#http.send(context).toPromise();
      const text = await response.body.text();
      if (response.httpStatusCode >= 200 && response.httpStatusCode < 300) return text;
      throw apiError(this.#cluster, request.what, response.httpStatusCode, text);
    } catch (error) {
      throw unreachable({ cluster: this.#cluster, server: this.server, what: request.what }, error);
    }
  }
}
