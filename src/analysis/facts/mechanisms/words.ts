/** What a proxy says in an answer that it has made itself. */
export type Words = 'no-host' | 'circuit-breaker' | 'timeout' | 'connect-timeout' | 'retried' | 'no-answer';

/** Words with which a proxy ends a request that it has given to no host: no counter of a host knows of it. */
export const OF_NO_HOST: ReadonlySet<Words> = new Set<Words>(['no-host', 'circuit-breaker']);

/**
 * Envoy: router.cc, `onUpstreamReset`. What had been retried says so; the reason is one of stream_reset_reason's, and before
 * 1.38.1 a transport failure reason followed, in words of the system or its number (`delayed connect error: 111`).
 */
const CONNECT_ERROR =
  /^upstream connect error or disconnect\/reset before headers\. (retried and the latest )?reset reason: ([a-z ]+)(?:, transport failure reason: .*)?$/s;

const WHOLE: Readonly<Record<string, Words>> = {
  'no healthy upstream': 'no-host',
  'upstream request timeout': 'timeout',
};

const REASONS: Readonly<Record<string, Words>> = {
  overflow: 'circuit-breaker',
  'connection timeout': 'connect-timeout',
};

/** What a text is if it is Envoy's own from its first to its last character; undefined for any other. */
export function wordsOf(text: string): Words | undefined {
  const whole = text.trim();
  const [, retried, reason = ''] = CONNECT_ERROR.exec(whole) ?? [];
  if (reason === '') return WHOLE[whole];
  return REASONS[reason] ?? (retried === undefined ? 'no-answer' : 'retried');
}
