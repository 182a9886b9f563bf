import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import type { KubeKind } from '../../model/kubernetes.ts';
import { ApiError } from '../api/errors.ts';
import type { Handler } from '../api/exchange.ts';
import { kindOf, type ResourceRequest, type Verb } from '../api/request.ts';
import { findReview } from '../api/reviews.ts';
import { routeResource } from '../api/route.ts';
import { FaultyWatch, type WatchFault } from './faulty-watch.ts';

/** A request as a rule of faults sees it. */
export type SeenRequest = {
  readonly verb: Verb;
  readonly kind: KubeKind;
  readonly namespace: string | undefined;
  readonly name: string | undefined;
  readonly subresource: string | undefined;
  /** 1 for the first request with this verb, kind, namespace, name and subresource, 2 for the second, and so on. */
  readonly attempt: number;
};

/** What goes wrong with a request. `reset-after` is the nasty one: the change is stored and the client never hears of it. */
type RequestFault =
  | {
      readonly kind: 'status';
      readonly code: number;
      readonly message?: string;
      /** Seconds, as the Retry-After header and in the Status. */
      readonly retryAfter?: number;
    }
  | { readonly kind: 'delay'; readonly ms: number }
  | { readonly kind: 'reset-before' }
  | { readonly kind: 'reset-after' }
  | { readonly kind: 'hang' }
  /** An answer that is no Kubernetes object, as a proxy on the way gives it. */
  | { readonly kind: 'garbage'; readonly code: number; readonly contentType: string; readonly text: string }
  /** The right answer, cut off in the middle. */
  | { readonly kind: 'truncate' };

/** What is asked before each event of a watch. */
type SeenWatch = {
  readonly kind: KubeKind;
  readonly namespace: string | undefined;
  /** How many events this watch has delivered so far. */
  readonly delivered: number;
};

type Asked = Omit<SeenRequest, 'attempt'>;

const REASONS: Readonly<Record<number, string>> = {
  403: 'Forbidden',
  429: 'TooManyRequests',
  500: 'InternalError',
  503: 'ServiceUnavailable',
};

/**
 * Stands before an API server and lets it misbehave. Both rules may be set, changed and removed while it runs; undefined
 * means that this time all goes well.
 */
export class FaultyApi {
  /** Asked once for every request to a resource, watches included. */
  request: ((request: SeenRequest) => RequestFault | undefined) | undefined;
  /** Asked before each event of each watch. */
  watch: ((watch: SeenWatch) => WatchFault | undefined) | undefined;
  readonly #attempts = new Map<string, number>();
  readonly #watches = new Set<FaultyWatch>();

  /** How many watches are open now. */
  openWatches(): number {
    return this.#watches.size;
  }

  /** Does the same to all watches that are open now. */
  breakWatches(fault: WatchFault): void {
    for (const watch of [...this.#watches]) watch.fail(fault);
  }

  /** The part of the API server. */
  readonly handler = (own: Handler): Handler => {
    return async (message, response) => {
      const asked = askedOf(message);
      if (asked === undefined || isDryRun(message)) return own(message, response);
      const fault = this.request?.({ ...asked, attempt: this.#attemptOf(asked) });
      if (fault !== undefined && (await stopped(fault, message, response))) return;
      if (asked.verb === 'watch') this.#keep(asked, response);
      return own(message, response);
    };
  };

  #keep({ kind, namespace }: Asked, response: ServerResponse): void {
    const watch = new FaultyWatch(response, (delivered) => this.watch?.({ kind, namespace, delivered }));
    this.#watches.add(watch);
    response.once('close', () => this.#watches.delete(watch));
  }

  #attemptOf({ verb, kind, namespace = '', name = '', subresource = '' }: Asked): number {
    const key = [verb, kind.apiVersion, kind.kind, namespace, name, subresource].join(' ');
    const attempt = (this.#attempts.get(key) ?? 0) + 1;
    this.#attempts.set(key, attempt);
    return attempt;
  }
}

/** The request to a resource that a message is; undefined for documents, health and what is not served. */
export function targetOf({ method = 'GET', url = '/' }: IncomingMessage): ResourceRequest | undefined {
  return orUndefined(() => {
    const { pathname, searchParams } = new URL(url, 'http://localhost');
    return routeResource(method, pathname, searchParams);
  });
}

/** A dry run changes nothing: no rule is asked about it, and none counts it. */
function isDryRun({ url = '/' }: IncomingMessage): boolean {
  return new URL(url, 'http://localhost').searchParams.has('dryRun');
}

function askedOf(message: IncomingMessage): Asked | undefined {
  const review = orUndefined(() => findReview(new URL(message.url ?? '/', 'http://localhost').pathname));
  if (review !== undefined) {
    const kind = { apiVersion: `${review.group}/${review.version}`, kind: review.kind };
    return { verb: 'create', kind, namespace: undefined, name: undefined, subresource: undefined };
  }
  const target = targetOf(message);
  if (target === undefined) return undefined;
  const { verb, namespace, name, subresource } = target;
  return { verb, kind: kindOf(target), namespace, name, subresource };
}

/** The server itself says what is wrong with a path. */
function orUndefined<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}

/** Does what comes before the real work, and prepares what comes after it. True when there is to be no real work. */
async function stopped(fault: RequestFault, { socket }: IncomingMessage, response: ServerResponse): Promise<boolean> {
  switch (fault.kind) {
    case 'delay':
      await delay(fault.ms);
      return false;
    case 'reset-before':
      socket.destroy();
      return true;
    case 'reset-after':
      response.writeHead = () => {
        socket.destroy();
        return response;
      };
      return false;
    case 'truncate':
      halve(response);
      return false;
    case 'status':
      refuse(response, fault);
      return true;
    case 'garbage':
      response.writeHead(fault.code, { 'content-type': fault.contentType }).end(fault.text);
      return true;
    default:
      return true;
  }
}

function refuse(response: ServerResponse, fault: RequestFault & { kind: 'status' }): void {
  const { code, message = 'the API was told to misbehave', retryAfter } = fault;
  const more = retryAfter === undefined ? {} : { retryAfterSeconds: retryAfter };
  const { status } = new ApiError(code, REASONS[code] ?? '', message, more);
  const headers = retryAfter === undefined ? {} : { 'retry-after': String(retryAfter) };
  response.writeHead(code, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(status));
}

/** Sends half of the first piece that is written, and cuts the connection. */
function halve(response: ServerResponse): void {
  const write = response.write.bind(response) as (piece: Buffer, done: () => void) => boolean;
  const half = (piece: unknown): boolean => {
    response.write = () => true;
    const bytes = Buffer.from(piece as Buffer);
    return write(bytes.subarray(0, Math.floor(bytes.length / 2)), () => response.destroy());
  };
  response.write = half;
  response.end = (piece?: unknown) => {
    if (piece !== undefined) half(piece);
    return response;
  };
}
