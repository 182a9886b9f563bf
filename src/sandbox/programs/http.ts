import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';

/** An HTTP request between the parts of the sandbox. Bodies are not passed on: the mock service ignores them. */
export type HttpRequest = {
  readonly method: string;
  readonly path: string;
  /** Host header. */
  readonly host: string;
  readonly headers: Readonly<Record<string, string>>;
};

export type HttpAnswer = {
  readonly status: number;
  readonly body: string;
  readonly contentType: string;
  readonly headers?: Readonly<Record<string, string>>;
};

export const TEXT = 'text/plain; charset=utf-8';
/** Address of the calling pod, on calls inside the mesh: loopback connections do not tell. */
export const PEER_HEADER = 'x-sandbox-peer';
/** On calls that the mesh carries as bytes: what the application does not take is no answer, but the end of the connection. */
export const BYTES_HEADER = 'x-sandbox-bytes';
/** The one header that the mock service forwards. */
export const REQUEST_ID = 'x-request-id';

/** The request as the application sees it. */
export function readRequest(request: IncomingMessage): HttpRequest {
  const { method = 'GET', url = '/', headers } = request;
  return { method, path: url, host: headers.host ?? '', headers: singleHeaders(headers) };
}

function singleHeaders(headers: IncomingHttpHeaders): Record<string, string> {
  const single: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (typeof value === 'string') single[name] = value;
  }
  return single;
}

/** Writes an answer the way Envoy passes it on. */
export function writeAnswer(response: ServerResponse, answer: HttpAnswer, tookMs: number): void {
  if (response.destroyed) return;
  response.writeHead(answer.status, {
    'content-type': answer.contentType,
    'content-length': Buffer.byteLength(answer.body),
    'x-envoy-upstream-service-time': Math.round(tookMs),
    server: 'istio-envoy',
    ...answer.headers,
  });
  response.end(answer.body);
}

/** Aborts when the client goes away before it has its answer. */
export function abandonment(response: ServerResponse): AbortSignal {
  const controller = new AbortController();
  response.once('close', () => {
    if (!response.writableFinished) controller.abort();
  });
  return controller.signal;
}
