import type { Random } from '../model/ports.ts';
import type { Millis } from '../model/units.ts';
import type { AttemptOutcome } from './outcome.ts';

/** Retry policy of an outbound HTTP route. */
export type RetryPolicy = {
  /** Retries after the first attempt. */
  readonly retries: number;
  /** Envoy's `retry_on` words. */
  readonly on: readonly string[];
  readonly statusCodes: readonly number[];
  readonly perTryTimeoutMs?: Millis;
  /** `retryRemoteLocalities`: adds previous_priorities, updated every 2 attempts. */
  readonly remoteLocalities: boolean;
};

/** Fault injected by a VirtualService: it happens in the client's proxy before the router and never ejects anything. */
export type RouteFault = {
  readonly abort?: { readonly status: number; readonly percent: number };
  readonly delay?: { readonly ms: Millis; readonly percent: number };
};

/** How a route treats a call. */
export type RouteSettings = {
  readonly retry: RetryPolicy;
  /** Limit of the whole call; absent is Istio's default, none. */
  readonly timeoutMs?: Millis;
  readonly fault?: RouteFault;
};

/** A call to what is no Service of the mesh has no route: it is neither retried nor limited. */
export const UNROUTED: RouteSettings = { retry: { retries: 0, on: [], statusCodes: [], remoteLocalities: false } };

const DEFAULT_ON = ['connect-failure', 'refused-stream', 'unavailable', 'cancelled', 'retriable-status-codes'];

/**
 * Istio's default policy on every outbound HTTP route (Istio: retry.go DefaultPolicy). Up to 1.23 a 503 was retried;
 * since 1.24 (EXCLUDE_UNSAFE_503_FROM_DEFAULT_RETRY) it is not. Read the real one from the proxy where it matters: ASM
 * counts its versions differently.
 */
export function defaultRetryPolicy(istio: '>=1.24' | '<=1.23'): RetryPolicy {
  return { retries: 2, on: DEFAULT_ON, statusCodes: istio === '<=1.23' ? [503] : [], remoteLocalities: false };
}

/** How often another host is drawn before a tried one is accepted (Istio: retry.go). */
export const HOST_REDRAWS = 5;
/** previous_priorities takes note of tried priorities every this many attempts (Istio: retry.go). */
export const PRIORITY_UPDATE_FREQUENCY = 2;

/** Whether the policy retries an attempt that ended so (Envoy: retry_state_impl.cc wouldRetryFromHeaders, wouldRetryFromReset). */
export function isRetriable(policy: RetryPolicy, outcome: AttemptOutcome): boolean {
  const on = (...words: string[]): boolean => words.some((word) => policy.on.includes(word));
  switch (outcome.kind) {
    case 'response':
      return isRetriableStatus(policy, outcome.status);
    case 'connect-refused':
    case 'connect-timeout':
      return on('connect-failure', 'reset', 'reset-before-request', '5xx', 'gateway-error');
    case 'reset':
    case 'timeout':
      return on('reset', '5xx', 'gateway-error');
    case 'overflow':
    case 'abandoned':
      return false;
  }
}

function isRetriableStatus(policy: RetryPolicy, status: number): boolean {
  const words = policy.on;
  if (words.includes('5xx') && status >= 500) return true;
  if (words.includes('gateway-error') && status >= 502 && status <= 504) return true;
  if (words.includes('retriable-4xx') && status === 409) return true;
  return words.includes('retriable-status-codes') && policy.statusCodes.includes(status);
}

const BASE_BACKOFF_MS = 25;
const MAX_BACKOFF_MS = 250;

/** Wait before retry number `retry` (1 is the first): full jitter, uniform below 25 ms, 50 ms, 100 ms, … at most 250 ms (Envoy: JitteredExponentialBackOffStrategy). */
export function backoffMs(retry: number, random: Random): Millis {
  const bound = Math.min(MAX_BACKOFF_MS, BASE_BACKOFF_MS * 2 ** (retry - 1));
  return Math.floor(random() * bound);
}
