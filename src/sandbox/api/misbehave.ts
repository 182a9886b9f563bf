import type { KubeKind } from '../../model/kubernetes.ts';
import type { Verb } from './request.ts';

/** A request as a misbehaviour rule sees it. */
export type MisbehaveRequest = {
  readonly verb: Verb;
  readonly kind: KubeKind;
  readonly namespace: string | undefined;
  readonly name: string | undefined;
  readonly subresource: string | undefined;
  /** 1 for the first request with this verb, kind, namespace, name and subresource, 2 for the second, and so on. */
  readonly attempt: number;
};

/** What goes wrong with a request. `reset-after` is the nasty one: the change is stored and the client never hears of it. */
export type RequestFault =
  | {
      readonly kind: 'status';
      readonly code: number;
      readonly reason?: string;
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

export type MisbehaveWatch = {
  readonly kind: KubeKind;
  readonly namespace: string | undefined;
  /** How many events this watch has delivered so far. */
  readonly delivered: number;
};

/** `drop` cuts the connection, `expire` sends the 410 that ends a watch, `stall` keeps it open and silent. */
export type WatchFault = 'drop' | 'expire' | 'stall';

/**
 * How the API server is told to misbehave. Both hooks may be set, changed and removed while it runs; undefined means
 * that this time all goes well.
 */
export type Misbehave = {
  /** Asked once for every request to a resource, watches included. */
  request?: ((request: MisbehaveRequest) => RequestFault | undefined) | undefined;
  /** Asked before each event of each watch. */
  watch?: ((watch: MisbehaveWatch) => WatchFault | undefined) | undefined;
};

/** Counts attempts for `MisbehaveRequest.attempt`. */
export function createAttemptCounter(): (request: Omit<MisbehaveRequest, 'attempt'>) => number {
  const attempts = new Map<string, number>();
  return ({ verb, kind, namespace = '', name = '', subresource = '' }) => {
    const key = [verb, kind.apiVersion, kind.kind, namespace, name, subresource].join(' ');
    const attempt = (attempts.get(key) ?? 0) + 1;
    attempts.set(key, attempt);
    return attempt;
  };
}
