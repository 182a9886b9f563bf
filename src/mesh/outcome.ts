/**
 * How one attempt on one host ended, as the client's proxy sees it.
 * - `response`: the upstream sidecar answered with an HTTP status (its own 503 for a dead app included).
 * - `connect-refused`, `connect-timeout`: no connection; local origin.
 * - `reset`: the connection broke after it stood and before response headers came.
 * - `timeout`: connected, but the per-try or route timeout ran out.
 * - `overflow`: a circuit breaker of the proxy refused it, so that no host was asked.
 * - `abandoned`: the caller went away first; Envoy reports nothing to outlier detection.
 */
export type AttemptOutcome =
  | { readonly kind: 'response'; readonly status: number }
  | { readonly kind: 'connect-refused' | 'connect-timeout' | 'reset' | 'timeout' | 'overflow' | 'abandoned' };

const NO_ANSWER = 'upstream connect error or disconnect/reset before headers.';
const REASONS = {
  'connect-refused': 'remote connection failure',
  'connect-timeout': 'connection timeout',
  reset: 'connection termination',
  overflow: 'overflow',
} as const;

/**
 * Envoy's body of a 503 it makes itself (Envoy: router.cc onUpstreamReset, with the retry wording of its retry state). Before
 * 1.38.1 a `transport failure reason` followed (hide_transport_failure_reason_in_response_body).
 */
export function resetText(kind: keyof typeof REASONS, retried: boolean): string {
  return `${NO_ANSWER} ${retried ? 'retried and the latest ' : ''}reset reason: ${REASONS[kind]}`;
}

/** What a target's sidecar answers when nothing listens on the application's port and its retries are used up. */
export const APP_DOWN_TEXT = resetText('connect-refused', true);
export const NO_HEALTHY_UPSTREAM_TEXT = 'no healthy upstream';
export const TIMEOUT_TEXT = 'upstream request timeout';
